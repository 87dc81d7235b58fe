// SPDX-License-Identifier: GPL-3.0-or-later
// Tools that know an access key of Weir only, while Weir holds the provider's key.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { valuesOf } from './harness/http1.mjs';
import { Answer, Rig } from './harness/rig.mjs';
import { claudeCode, codex, configureCodex } from './harness/tools.mjs';

const Secret = 'sk-provider-0123456789abcdef';

let rig;
before(async () => { rig = await Rig.start({ secret: Secret }); });
after(() => rig?.stop());

/** Every request so far came with the provider's key and nothing of the tool's. */
function assertOnlyTheSecretArrived(accessKey) {
    const served = rig.served();
    assert.ok(served.length > 0);
    for (const message of served) {
        const shown = [...valuesOf(message, 'x-api-key'), ...valuesOf(message, 'authorization')];
        assert.deepEqual(shown, [message.target.startsWith('/v1/messages') ? Secret : `Bearer ${Secret}`]);
        assert.ok(!JSON.stringify(message.headers).includes(accessKey));
    }
}

test('Claude Code works with an access key', async () => {
    const key = await rig.accessKey('claude');
    const printed = await rig.run(claudeCode(), ['-p', 'say hi'], rig.home(),
        { ANTHROPIC_BASE_URL: rig.url, ANTHROPIC_AUTH_TOKEN: key });
    assert.match(printed, new RegExp(Answer));
    assertOnlyTheSecretArrived(key);
});

const ask = (key) => fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'sim-ok', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] }),
});

/** Asks until the key has no room any more; that answer. */
async function exhaust(key) {
    for (let tries = 0; tries < 20; ++tries) {
        const answer = await ask(key);
        if (answer.status !== 200)
            return answer;
    }
    assert.fail('the limit is never reached');
}

test('an SDK is told when the key has no room, and when it is unknown', async () => {
    const key = await rig.accessKey('small', ['--tokens-per-window', '100']);
    assert.equal((await ask(key)).status, 200);
    const refused = await exhaust(key);
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal((await refused.json()).error.tokens_limit, 100);
    assert.equal((await ask('weir_unknown')).status, 401);
    assertOnlyTheSecretArrived(key);
});

test('Codex stops where it would wait for hours, and says until when', async () => {
    const key = await rig.accessKey('full', ['--tokens-per-window', '40000']); // room for what it sends, once at least
    const home = rig.home();
    const environment = configureCodex(home, rig.url, 'sim-ok', key);
    let asked;
    let code = 0;
    for (let tries = 0; tries < 40 && code === 0; ++tries) {
        asked = rig.start(codex(), ['exec', '--skip-git-repo-check', 'say hi'], home, environment);
        ({ code } = await asked.end(60_000));
    }
    assert.match(asked.stdout + asked.stderr,
        /hit your usage limit. Weir: .* of the access key .full.: .* room in \d+ h, or try again at /);
});
