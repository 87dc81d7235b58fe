// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { Answer, Rig } from './harness/rig.mjs';
import { openCode } from './harness/tools.mjs';

let rig;
before(async () => { rig = await Rig.start({ tee: true }); });
beforeEach(() => rig.tee.forget());
after(() => rig?.stop());

/** Both adapters come inside the program. */
const Dialects = [
    { name: 'OpenAI', adapter: '@ai-sdk/openai-compatible', target: '/v1/chat/completions' },
    { name: 'OpenAI responses', adapter: '@ai-sdk/openai', target: '/v1/responses' },
    { name: 'Anthropic', adapter: '@ai-sdk/anthropic', target: '/v1/messages' },
];

for (const { name, adapter, target } of Dialects) {
    test(`${name}: a prompt is answered and reaches the provider as it was sent`, async () => {
        const home = rig.home();
        fs.writeFileSync(path.join(home, 'opencode.json'), JSON.stringify({
            model: 'weir/sim-chunks-5',
            provider: {
                weir: {
                    npm: adapter,
                    options: { baseURL: `${rig.url}/v1`, apiKey: 'dummy' },
                    models: { 'sim-chunks-5': {} },
                },
            },
        }));
        const printed = await rig.run(openCode(), ['run', 'say hi'], home);
        assert.match(printed, new RegExp(Answer));

        const posts = rig.tee.exchanges().filter(({ method }) => method === 'POST');
        assert.ok(posts.length >= 1);
        await rig.assertPassedUnchanged(posts);
        for (const post of posts)
            assert.deepEqual([post.target, post.answer?.status], [target, 200]);
    });
}
