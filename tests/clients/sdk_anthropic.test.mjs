// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Answer, Rig } from './harness/rig.mjs';
import { assertCancelled, assertNotHeldBack, collect, Endless, leaveAfterFirst, load, Streamed }
    from './harness/sdk.mjs';

let rig;
before(async () => { rig = await Rig.start(); });
after(() => rig?.stop());

const textOf = (event) => event.type === 'content_block_delta' && event.delta.text;

for (const name of ['@anthropic-ai/sdk', 'anthropic-sdk-0']) {
    describe(name, () => {
        const { Anthropic } = load(name);
        const prompt = (what) => `${name}: ${what}`;
        const ask = (model, what) => (
            { model, max_tokens: 100, messages: [{ role: 'user', content: prompt(what) }] });
        let client;
        before(() => {
            client = new Anthropic({ apiKey: 'dummy', baseURL: rig.url, maxRetries: 0 });
        });

        test('a message as JSON', async () => {
            const reply = await client.messages.create(ask('sim-ok', 'json'));
            assert.ok(reply.content[0].text.includes(Answer));
            assert.ok(reply.usage.output_tokens > 0);
        });

        test('a message as a stream, piece by piece', async () => {
            const { text, firstAt } = await collect(
                await client.messages.create({ ...ask(Streamed, 'stream'), stream: true }), textOf);
            assert.ok(text.includes(Answer));
            await assertNotHeldBack(rig, prompt('stream'), firstAt);
        });

        test('a message gathered from a stream by the SDK', async () => {
            const reply = await client.messages.stream(ask('sim-chunks-5', 'gathered')).finalMessage();
            assert.ok(reply.content[0].text.includes(Answer));
            assert.ok(reply.usage.input_tokens > 0 && reply.usage.output_tokens > 0);
            assert.equal(reply.stop_reason, 'end_turn');
        });

        test('a bearer token instead of a key', async () => {
            const bearer = new Anthropic({ apiKey: null, authToken: 'dummy', baseURL: rig.url, maxRetries: 0 });
            await bearer.messages.create(ask('sim-ok', 'bearer'));
            const { headers } = await rig.servedOne(({ body }) => body.includes(prompt('bearer')));
            assert.ok(headers.some(([n, value]) => n === 'authorization' && value === 'Bearer dummy'));
            assert.ok(!headers.some(([n]) => n === 'x-api-key'));
        });

        test('tokens are counted', async () => {
            const { model, messages } = ask('sim-ok', 'count');
            assert.ok((await client.messages.countTokens({ model, messages })).input_tokens > 0);
        });

        test('models', async () => {
            const ids = [];
            for await (const model of client.models.list())
                ids.push(model.id);
            assert.ok(ids.length > 0);
        });

        test('429 passes with its retry-after and its body', async () => {
            const error = await client.messages.create(ask('sim-error-429', '429'))
                .then(() => assert.fail('was answered'), (e) => e);
            assert.ok(error instanceof Anthropic.RateLimitError, error.stack);
            assert.equal(error.status, 429);
            assert.match(error.headers.get('retry-after'), /^\d+$/);
            assert.equal(error.error.error.type, 'rate_limit_error');
        });

        test('a request without a credential is refused with 401', async () => {
            const bare = new Anthropic({
                apiKey: 'unused',
                baseURL: rig.url,
                maxRetries: 0,
                defaultHeaders: { 'x-api-key': null, authorization: null },
            });
            const error = await bare.messages.create(ask('sim-ok', 'nobody'))
                .then(() => assert.fail('was answered'), (e) => e);
            assert.ok(error instanceof Anthropic.AuthenticationError, error.stack);
            assert.equal(error.status, 401);
            assert.equal(error.error.error.type, 'authentication_error');
            assert.ok(!rig.served().some(({ body }) => body.includes(prompt('nobody'))));
        });

        test('leaving in the middle of a stream reaches the provider', async () => {
            const leftAt = await leaveAfterFirst(
                await client.messages.create({ ...ask(Endless, 'leave'), stream: true }), textOf);
            await assertCancelled(rig, prompt('leave'), leftAt);
        });
    });
}
