// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { valuesOf } from './harness/http1.mjs';
import { until } from './harness/process.mjs';
import { Answer, Rig } from './harness/rig.mjs';
import { claudeCode } from './harness/tools.mjs';

const Claude = claudeCode();

let rig;
before(async () => { rig = await Rig.start({ tee: true }); });
beforeEach(() => rig.tee.forget());
after(() => rig?.stop());

const environment = (more) => ({
    ANTHROPIC_BASE_URL: rig.url,
    ANTHROPIC_API_KEY: 'dummy',
    ...more,
});

function assertBetasPassed(sent, arrived) {
    const values = (message) => valuesOf(message, 'anthropic-beta').join().split(',').map((v) => v.trim());
    assert.ok(values(sent).length > 1, `Claude Code sent few betas: ${values(sent)}`);
    assert.deepEqual(values(arrived), values(sent));
}

test('a prompt is answered and reaches the provider as it was sent', async () => {
    const printed = await rig.run(Claude, ['-p', 'say hi'], rig.home(), environment());
    assert.match(printed, new RegExp(Answer));

    const exchanges = rig.tee.exchanges();
    const posts = exchanges.filter(({ method }) => method === 'POST');
    assert.ok(posts.length >= 1);
    const arrived = await rig.assertPassedUnchanged(posts);
    posts.forEach((sent, i) => {
        assert.match(arrived[i].target, /^\/v1\/messages\?(.*&)?beta=true/);
        assert.equal(sent.answer?.status, 200);
        assertBetasPassed(sent, arrived[i]);
    });
    for (const { start, answer } of exchanges.filter(({ method }) => method === 'HEAD'))
        assert.equal(answer?.status, 200, start);
});

test('its greeting is answered', async () => {
    // Sent at the start of some versions and modes only, without a credential and without waiting: so by hand.
    const { status } = await fetch(`${rig.url}/api/hello`, { method: 'HEAD' });
    assert.equal(status, 200);
});

test('the burst of /context is counted whole', async () => {
    const printed = await rig.run(Claude, ['-p', '/context'], rig.home(), environment());
    assert.match(printed, /Context Usage/);

    const counts = rig.tee.exchanges().filter(({ target }) => target.startsWith('/v1/messages/count_tokens'));
    assert.ok(counts.length >= 20, `only ${counts.length} count_tokens`);
    for (const { target, answer } of counts) {
        assert.equal(target, '/v1/messages/count_tokens?beta=true');
        assert.equal(answer?.status, 200, answer?.body.toString());
        assert.ok(JSON.parse(answer.body).input_tokens > 0);
    }
    await rig.assertPassedUnchanged(counts);
});

test('a bearer token and a model of another provider pass as sent', async () => {
    const printed = await rig.run(Claude, ['-p', 'say hi'], rig.home(), environment({
        ANTHROPIC_API_KEY: '',
        ANTHROPIC_AUTH_TOKEN: 'dummy-token',
        ANTHROPIC_MODEL: 'glm-test',
    }));
    assert.match(printed, new RegExp(Answer));
    const posts = rig.tee.exchanges().filter(({ method }) => method === 'POST');
    for (const arrived of await rig.assertPassedUnchanged(posts))
        assert.deepEqual(valuesOf(arrived, 'authorization'), ['Bearer dummy-token']);
    assert.ok(posts.some(({ body }) => JSON.parse(body).model === 'glm-test'));
});

test('it tries again after 529 when told to, until it gives up', async () => {
    const client = rig.start(Claude, ['-p', 'say hi'], rig.home(), environment({
        ANTHROPIC_MODEL: 'sim-error-529',
        CLAUDE_CODE_MAX_RETRIES: '1',
    }));
    const { code } = await client.end(60_000);
    assert.notEqual(code, 0);
    const answers = rig.tee.exchanges().filter(({ method }) => method === 'POST').map(({ answer }) => answer);
    assert.ok(answers.length >= 2, `${answers.length} requests`);
    for (const answer of answers) {
        assert.equal(answer?.status, 529);
        assert.equal(valuesOf(answer, 'retry-after').length, 1);
        assert.equal(JSON.parse(answer.body).error.type, 'overloaded_error');
    }
});

test('the provider is told when it leaves in the middle of an answer', async () => {
    const client = rig.start(Claude, ['-p', 'say hi'], rig.home(), environment({
        ANTHROPIC_MODEL: 'sim-chunks-600+gap-100',
    }));
    assert.ok(await until(() => rig.tee.bytesAnswered > 1000, 20_000), 'no answer began');
    client.kill('SIGKILL');
    const leftAt = Date.now();
    const entry = await rig.servedOne(({ cancelled }) => cancelled);
    assert.ok(Date.parse(entry.time) - leftAt < 1_000, `told after ${Date.parse(entry.time) - leftAt} ms`);
    assert.equal(entry.completed, false);
});
