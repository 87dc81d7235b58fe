// SPDX-License-Identifier: GPL-3.0-or-later
// Through Weir an SDK does what it does where it asks the provider directly: the same values, the same errors, as
// many requests. Only where providers are odd, large or late; the plain cases are in sdk_openai and sdk_anthropic.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Rig } from './harness/rig.mjs';
import { Scripted } from './harness/scripted.mjs';
import { load } from './harness/sdk.mjs';

let provider;
let rig;
before(async () => {
    provider = await Scripted.start();
    rig = await Rig.start({ settings: `[[provider]]
name = "scripted"
openai_base = "${provider.url}/v1"
anthropic_base = "${provider.url}"
` });
});
after(async () => {
    await rig?.stop();
    await provider?.stop();
});

const Json = { 'content-type': 'application/json' };
const Events = { 'content-type': 'text/event-stream' };

const data = (...events) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
const named = (...events) => events.map((event) => `event: ${event.type}\n${data(event)}`).join('');

const chunk = (delta, finish_reason = null) => ({
    id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }],
});
const ChatWithoutDone =
    data(chunk({ role: 'assistant', content: 'Good ' }), chunk({ content: 'day' }), chunk({}, 'stop'));

const MessageWithoutStop = named(
    { type: 'message_start', message: { id: 'm1', type: 'message', role: 'assistant', model: 'm', content: [],
        stop_reason: null, stop_sequence: null, usage: { input_tokens: 3, output_tokens: 0 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Good day' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } });

/** An image as a model returns it: base64 in the last event, which is one line of six megabytes. */
const LargeEvent = (() => {
    const image = { id: 'ig_1', type: 'image_generation_call', status: 'completed',
        result: Buffer.alloc(4_500_000, 'pixels').toString('base64') };
    const response = { id: 'r1', object: 'response', created_at: 1, model: 'm', status: 'in_progress', output: [] };
    const text = named(
        { type: 'response.created', sequence_number: 0, response },
        { type: 'response.output_item.added', sequence_number: 1, output_index: 0,
            item: { ...image, status: 'in_progress', result: null } },
        { type: 'response.output_item.done', sequence_number: 2, output_index: 0, item: { ...image, result: null } },
        { type: 'response.completed', sequence_number: 3, response: { ...response, status: 'completed', output: [image],
            usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } } });
    assert.ok(text.length > 6_000_000);
    return text;
})();

const LongToken = 'k'.repeat(9 * 1024);

const chatAsked = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const messageAsked = { ...chatAsked, max_tokens: 9 };
const imageAsked = { model: 'm', input: 'draw' };

const Refused =
    [429, { 'content-type': 'text/plain', 'retry-after-ms': '20', 'x-request-id': 'req_7' }, 'slow down, please'];

/** Each `answer` is the provider's; `asked` how often it has to come to that; `said` a part of what the SDK gives. */
const OpenAiRows = [
    { name: 'chat without [DONE], event by event', answer: [200, Events, ChatWithoutDone], asked: 1,
        said: '"finish_reason":"stop"',
        ask: async (client) => Array.fromAsync(await client.chat.completions.create({ ...chatAsked, stream: true })) },
    { name: 'chat without [DONE], gathered', answer: [200, Events, ChatWithoutDone], asked: 1,
        said: '"content":"Good day"',
        ask: (client) => client.chat.completions.stream(chatAsked).finalChatCompletion() },
    { name: 'a last event of six megabytes, event by event', answer: [200, Events, LargeEvent], asked: 1,
        said: '"response.completed"',
        ask: async (client) => Array.fromAsync(await client.responses.create({ ...imageAsked, stream: true })) },
    { name: 'a last event of six megabytes, gathered', answer: [200, Events, LargeEvent], asked: 1,
        said: '"total_tokens":3',
        ask: (client) => client.responses.stream(imageAsked).finalResponse() },
    { name: 'a model whose name holds a slash', asked: 1, said: '"org/name"',
        answer: [200, Json, JSON.stringify({ id: 'org/name', object: 'model', created: 1, owned_by: 'org' })],
        ask: (client) => client.models.retrieve('org/name') },
    { name: 'a 429 of plain text', answer: Refused, asked: 3, said: 'slow down, please',
        ask: (client) => client.chat.completions.create(chatAsked) },
    { name: 'a 429 of plain text to a stream', answer: Refused, asked: 3, said: 'slow down, please',
        ask: (client) => client.chat.completions.create({ ...chatAsked, stream: true }) },
    { name: 'a token of nine kilobytes', key: LongToken, asked: 1, said: '"content":"fine"',
        answer: [200, Json, JSON.stringify({ id: 'c1', object: 'chat.completion', created: 1, model: 'm',
            choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'fine' } }] })],
        ask: (client) => client.chat.completions.create(chatAsked) },
];

const AnthropicRows = [
    { name: 'a message without message_stop, event by event', answer: [200, Events, MessageWithoutStop], asked: 1,
        said: '"stop_reason":"end_turn"',
        ask: async (client) => Array.fromAsync(await client.messages.create({ ...messageAsked, stream: true })) },
    { name: 'a message without message_stop, gathered', answer: [200, Events, MessageWithoutStop], asked: 1,
        said: 'stream ended without',
        ask: (client) => client.messages.stream(messageAsked).finalMessage() },
    { name: 'a model whose name holds a slash', asked: 1, said: '"org/name"',
        answer: [200, Json,
            JSON.stringify({ id: 'org/name', type: 'model', display_name: 'N', created_at: '2026-01-01' })],
        ask: (client) => client.models.retrieve('org/name') },
    { name: 'a 429 of plain text', answer: Refused, asked: 3, said: 'slow down, please',
        ask: (client) => client.messages.create(messageAsked) },
    { name: 'a 429 of plain text to a stream', answer: Refused, asked: 3, said: 'slow down, please',
        ask: (client) => client.messages.stream(messageAsked).finalMessage() },
    { name: 'a token of nine kilobytes', key: LongToken, asked: 1, said: '"text":"fine"',
        answer: [200, Json, JSON.stringify({ id: 'm1', type: 'message', role: 'assistant', model: 'm',
            content: [{ type: 'text', text: 'fine' }], stop_reason: 'end_turn', stop_sequence: null,
            usage: { input_tokens: 1, output_tokens: 1 } })],
        ask: (client) => client.messages.create(messageAsked) },
];

const Sdks = [
    { name: 'openai', rows: OpenAiRows, version: '/v1' },
    { name: 'openai6', rows: OpenAiRows, version: '/v1' },
    { name: '@anthropic-ai/sdk', rows: AnthropicRows, version: '' },
    { name: 'anthropic-sdk-0', rows: AnthropicRows, version: '' },
];

/** What a program gets from the SDK, as plain values. */
async function outcomeOf(call) {
    try {
        return { value: JSON.parse(JSON.stringify(await call())) };
    } catch (error) {
        const { name, message, status, code, type, requestID, error: body } = error;
        return { thrown: JSON.parse(JSON.stringify({ class: error.constructor.name, name, message, status, code, type,
            requestID, body })) };
    }
}

/** What the provider was asked, but for what each connection and each moment has of its own. */
const essential = ({ method, target, headers, body }) => ({
    method, target, body, authorization: headers.authorization, key: headers['x-api-key'],
    agent: headers['user-agent'], retry: headers['x-stainless-retry-count'],
});

for (const { name, rows, version } of Sdks) {
    describe(name, () => {
        const sdk = load(name);
        /** With the SDK's own number of retries. */
        const clientOf = (url, key = 'dummy') => (name.startsWith('openai')
            ? new sdk.OpenAI({ apiKey: key, baseURL: url + version })
            : new sdk.Anthropic({ apiKey: null, authToken: key, baseURL: url + version }));

        for (const { name: what, answer, ask, key, asked, said } of rows) {
            test(what, async () => {
                provider.answers(...answer);
                const expected = await outcomeOf(() => ask(clientOf(provider.url, key)));
                const expectedAsked = provider.asked.map(essential);
                assert.equal(expectedAsked.length, asked);
                assert.ok(JSON.stringify(expected).includes(said), JSON.stringify(expected).slice(0, 1_000));

                provider.answers(...answer);
                const outcome = await outcomeOf(() => ask(clientOf(`${rig.url}/scripted`, key)));
                assert.deepEqual(provider.asked.map(essential), expectedAsked);
                assert.deepEqual(outcome, expected);
            });
        }
    });
}
