// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { Answer, Rig } from './harness/rig.mjs';
import { codex } from './harness/tools.mjs';

let rig;
before(async () => { rig = await Rig.start({ tee: true }); });
beforeEach(() => rig.tee.forget());
after(() => rig?.stop());

function homeWithConfig(url) {
    const home = rig.home();
    fs.mkdirSync(path.join(home, '.codex'));
    fs.writeFileSync(path.join(home, '.codex', 'config.toml'), `model = "sim-chunks-5"
model_provider = "weir"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.weir]
name = "weir"
base_url = "${url}/v1"
env_key = "WEIR_TEST_KEY"
wire_api = "responses"
`);
    return home;
}

test('a prompt is answered and reaches the provider as it was sent', async () => {
    const home = homeWithConfig(rig.url);
    const printed = await rig.run(codex(), ['exec', '--skip-git-repo-check', 'say hi'], home,
        { CODEX_HOME: path.join(home, '.codex'), WEIR_TEST_KEY: 'dummy' });
    assert.match(printed, new RegExp(Answer));

    const posts = rig.tee.exchanges().filter(({ method }) => method === 'POST');
    assert.ok(posts.some(({ target }) => target === '/v1/responses'));
    await rig.assertPassedUnchanged(posts);
    for (const { answer, start } of posts)
        assert.equal(answer?.status, 200, start);
});
