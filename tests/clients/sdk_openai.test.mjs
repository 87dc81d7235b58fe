// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Answer, Rig } from './harness/rig.mjs';
import { assertCancelled, assertNotHeldBack, collect, Endless, leaveAfterFirst, load, Streamed }
    from './harness/sdk.mjs';

let rig;
before(async () => { rig = await Rig.start(); });
after(() => rig?.stop());

const chatText = (event) => event.choices[0]?.delta?.content;
const responseText = (event) => event.type === 'response.output_text.delta' && event.delta;

for (const name of ['openai', 'openai6']) {
    describe(name, () => {
        const sdk = load(name);
        const prompt = (what) => `${name}: ${what}`;
        const messages = (what) => [{ role: 'user', content: prompt(what) }];
        let client;
        before(() => {
            client = new sdk.OpenAI({ apiKey: 'dummy', baseURL: `${rig.url}/v1`, maxRetries: 0 });
        });

        test('chat as JSON', async () => {
            const reply = await client.chat.completions.create({ model: 'sim-ok', messages: messages('json') });
            assert.ok(reply.choices[0].message.content.includes(Answer));
            assert.ok(reply.usage.total_tokens > 0);
        });

        test('chat as a stream, piece by piece, usage last', async () => {
            let usage;
            const { text, firstAt } = await collect(await client.chat.completions.create({
                model: Streamed,
                messages: messages('stream'),
                stream: true,
                stream_options: { include_usage: true },
            }), (event) => {
                usage = event.usage;
                return chatText(event);
            });
            assert.ok(text.includes(Answer));
            assert.ok(usage?.total_tokens > 0, 'usage in the last event');
            await assertNotHeldBack(rig, prompt('stream'), firstAt);
        });

        test('responses as JSON and as a stream', async () => {
            const reply = await client.responses.create({ model: 'sim-ok', input: prompt('response') });
            assert.ok(reply.output_text.includes(Answer));
            const { text, firstAt } = await collect(await client.responses.create({
                model: Streamed,
                input: prompt('streamed response'),
                stream: true,
            }), responseText);
            assert.ok(text.includes(Answer));
            await assertNotHeldBack(rig, prompt('streamed response'), firstAt);
        });

        test('models', async () => {
            const ids = [];
            for await (const model of client.models.list())
                ids.push(model.id);
            assert.ok(ids.length > 0);
            assert.equal((await client.models.retrieve(ids[0])).id, ids[0]);
        });

        test('embeddings', async () => {
            const { data, usage } = await client.embeddings.create({ model: 'sim-ok', input: ['one', 'two'] });
            assert.equal(data.length, 2);
            for (const { embedding } of data)
                assert.ok(embedding.length > 0 && embedding.every(Number.isFinite));
            assert.ok(usage.total_tokens > 0);
        });

        test('429 passes with its retry-after and its body', async () => {
            const error = await client.chat.completions.create({ model: 'sim-error-429', messages: messages('429') })
                .then(() => assert.fail('was answered'), (e) => e);
            assert.ok(error instanceof sdk.OpenAI.RateLimitError, error.stack);
            assert.equal(error.status, 429);
            assert.match(error.headers.get('retry-after'), /^\d+$/);
            assert.ok(error.error.message);
        });

        test('a request without a credential is refused with 401', async () => {
            const bare = new sdk.OpenAI({
                apiKey: 'unused',
                baseURL: `${rig.url}/v1`,
                maxRetries: 0,
                defaultHeaders: { Authorization: null },
            });
            const error = await bare.chat.completions.create({ model: 'sim-ok', messages: messages('nobody') })
                .then(() => assert.fail('was answered'), (e) => e);
            assert.ok(error instanceof sdk.OpenAI.AuthenticationError, error.stack);
            assert.equal(error.status, 401);
            assert.ok(!rig.served().some(({ body }) => body.includes(prompt('nobody'))));
        });

        test('leaving in the middle of a stream reaches the provider', async () => {
            const leftAt = await leaveAfterFirst(await client.chat.completions.create(
                { model: Endless, messages: messages('leave'), stream: true }), chatText);
            await assertCancelled(rig, prompt('leave'), leftAt);
        });
    });
}
