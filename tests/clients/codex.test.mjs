// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Answer, Rig } from './harness/rig.mjs';
import { codex, configureCodex } from './harness/tools.mjs';

let rig;
before(async () => { rig = await Rig.start({ tee: true }); });
beforeEach(() => rig.tee.forget());
after(() => rig?.stop());

test('a prompt is answered and reaches the provider as it was sent', async () => {
    const home = rig.home();
    const printed = await rig.run(codex(), ['exec', '--skip-git-repo-check', 'say hi'], home,
        configureCodex(home, rig.url, 'sim-chunks-5', 'dummy'));
    assert.match(printed, new RegExp(Answer));

    const posts = rig.tee.exchanges().filter(({ method }) => method === 'POST');
    assert.ok(posts.some(({ target }) => target === '/v1/responses'));
    await rig.assertPassedUnchanged(posts);
    for (const { answer, start } of posts)
        assert.equal(answer?.status, 200, start);
});
