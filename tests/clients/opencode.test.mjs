// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Answer, Rig } from './harness/rig.mjs';
import { configureOpenCode, openCode } from './harness/tools.mjs';

let rig;
before(async () => { rig = await Rig.start({ tee: true }); });
beforeEach(() => rig.tee.forget());
after(() => rig?.stop());

const Dialects = [
    { name: 'OpenAI', adapter: '@ai-sdk/openai-compatible', target: '/v1/chat/completions' },
    { name: 'OpenAI responses', adapter: '@ai-sdk/openai', target: '/v1/responses' },
    { name: 'Anthropic', adapter: '@ai-sdk/anthropic', target: '/v1/messages' },
];

for (const { name, adapter, target } of Dialects) {
    test(`${name}: a prompt is answered and reaches the provider as it was sent`, async () => {
        const home = rig.home();
        configureOpenCode(home, rig.url, 'sim-chunks-5', 'dummy', adapter);
        const printed = await rig.run(openCode(), ['run', 'say hi'], home);
        assert.match(printed, new RegExp(Answer));

        const posts = rig.tee.exchanges().filter(({ method }) => method === 'POST');
        assert.ok(posts.length >= 1);
        await rig.assertPassedUnchanged(posts);
        for (const post of posts)
            assert.deepEqual([post.target, post.answer?.status], [target, 200]);
    });
}
