// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the SDKs share.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { installed } from './process.mjs';

/** An installed npm package. */
export function load(name) {
    return createRequire(installed(name, 'package.json'))(name);
}

/** Model names choose how the provider behaves; unknown parts are refused, so an id goes in as text. */
export const Streamed = 'sim-chunks-5+gap-300';
export const Endless = 'sim-chunks-600+gap-100';

/** The text of a stream, and when its first piece came. `textOf` takes an event's piece of text. */
export async function collect(stream, textOf) {
    let text = '';
    let firstAt;
    for await (const event of stream) {
        const piece = textOf(event);
        if (piece) {
            firstAt ??= Date.now();
            text += piece;
        }
    }
    return { text, firstAt };
}

/** Reads up to the first piece of text and leaves; when it left. */
export async function leaveAfterFirst(stream, textOf) {
    for await (const event of stream) {
        if (textOf(event)) {
            const leftAt = Date.now();
            stream.controller.abort();
            return leftAt;
        }
    }
    throw new Error('the stream had no text');
}

/** The provider's log tells that a caller who left at `leftAt` was noticed within a second. */
export async function assertCancelled(rig, prompt, leftAt) {
    const entry = await rig.servedOne(({ body }) => body.includes(prompt));
    assert.deepEqual([entry.cancelled, entry.completed], [true, false]);
    const tookMs = Date.parse(entry.time) - leftAt;
    assert.ok(tookMs < 1_000, `told after ${tookMs} ms`);
}

/** The first piece was there while the provider was still answering. */
export async function assertNotHeldBack(rig, prompt, firstAt) {
    const entry = await rig.servedOne(({ body }) => body.includes(prompt));
    assert.equal(entry.completed, true);
    const endedAt = Date.parse(entry.time);
    assert.ok(firstAt < endedAt, `first piece at ${firstAt}, the reply's end at ${endedAt}`);
}
