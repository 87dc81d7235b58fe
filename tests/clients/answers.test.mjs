// SPDX-License-Identifier: GPL-3.0-or-later
// What a client gets through Weir is what the provider answers: status, headers in their order, every byte.
import assert from 'node:assert/strict';
import http from 'node:http';
import http2 from 'node:http2';
import { after, before, test } from 'node:test';
import { Rig } from './harness/rig.mjs';

let rig;
let provider;
before(async () => {
    rig = await Rig.start();
    provider = http2.connect(rig.provider, { ca: rig.certificate });
});
after(async () => {
    provider?.close();
    await rig?.stop();
});

/** Counters and times differ between any two answers. */
const masked = (text) => text.replaceAll(/\d{6}[0-9a-z]*/g, 'NUMBER');

/** Framing is each connection's own. */
const Framing = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date']);

async function answerOf(readable, status, headers) {
    const parts = await readable.toArray();
    return {
        status,
        headers: headers.filter(([name]) => !Framing.has(name) && !name.startsWith(':'))
            .map(([name, value]) => `${name}: ${masked(value)}`),
        body: masked(Buffer.concat(parts).toString('latin1')),
    };
}

const Key = { 'x-api-key': 'dummy', 'content-type': 'application/json' };

async function ofProvider(path, body) {
    const stream = provider.request({ ':method': 'POST', ':path': path, ...Key });
    stream.end(body);
    const headers = await new Promise((resolve, reject) => stream.once('response', resolve).once('error', reject));
    return answerOf(stream, headers[':status'], Object.entries(headers));
}

async function throughWeir(path, body) {
    const reply = await new Promise((resolve, reject) => {
        http.request(rig.url + path, { method: 'POST', headers: Key }).once('response', resolve)
            .once('error', reject).end(body);
    });
    const names = reply.rawHeaders.filter((_, i) => i % 2 === 0);
    return answerOf(reply, reply.statusCode, names.map((name, i) => [name.toLowerCase(), reply.rawHeaders[2 * i + 1]]));
}

const Models = ['sim-ok', 'sim-bytes-100000', 'sim-error-400', 'sim-error-429', 'sim-error-500', 'sim-error-529'];

for (const path of ['/v1/messages', '/v1/chat/completions', '/v1/responses']) {
    for (const model of Models) {
        for (const stream of [false, true]) {
            test(`${path}, ${model}, ${stream ? 'stream' : 'JSON'}`, async () => {
                const content = 'Grüße, 世界';
                const body = JSON.stringify({ model, stream, max_tokens: 9, input: content,
                    messages: [{ role: 'user', content }] });
                const expected = await ofProvider(path, body);
                assert.equal(expected.status, Number(/error-(\d+)/.exec(model)?.[1] ?? 200));
                assert.ok(expected.body.length > 0);
                assert.deepEqual(await throughWeir(path, body), expected);
            });
        }
    }
}
