// SPDX-License-Identifier: GPL-3.0-or-later
// What README.md tells a newcomer to type is typed here, as it stands there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { built, cleanEnvironment, Running } from './harness/process.mjs';
import { Answer, Rig } from './harness/rig.mjs';
import { load } from './harness/sdk.mjs';
import { claudeCode, codex, openCode } from './harness/tools.mjs';

const Readme = fs.readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

let rig;
before(async () => { rig = await Rig.start(); });
after(() => rig?.stop());

/** What the README says there, with the address of this test's Weir. */
function said(pattern) {
    const match = pattern.exec(Readme);
    assert.ok(match, `README.md does not say ${pattern}`);
    return match[1].replaceAll('http://127.0.0.1:8484', rig.url);
}

/** "NAME=value" as an environment. */
const variable = (text) => Object.fromEntries([text.split('=', 2)]);

const reached = (target) => rig.servedOne((entry) => entry.target === target);

test('Claude Code', async () => {
    const printed = await rig.run(claudeCode(), ['-p', 'say hi'], rig.home(),
        { ...variable(said(/`(ANTHROPIC_BASE_URL=\S+) claude`/)), ANTHROPIC_API_KEY: 'dummy' });
    assert.match(printed, new RegExp(Answer));
    await reached('/v1/messages?beta=true');
});

test('Codex', async () => {
    const home = rig.home();
    fs.mkdirSync(path.join(home, '.codex'));
    // Into a file that is in use already: one key first, one table last.
    fs.writeFileSync(path.join(home, '.codex', 'config.toml'),
        said(/```toml\n(model_provider = [^`[]*)```/)
        + 'check_for_update_on_startup = false\n\n[analytics]\nenabled = false\n\n'
        + said(/```toml\n(\[model_providers\.weir\][^`]*)```/));
    const printed = await rig.run(codex(), ['exec', '--skip-git-repo-check', 'say hi'], home,
        { OPENAI_API_KEY: 'dummy' });
    assert.match(printed, new RegExp(Answer));
    await reached('/v1/responses');
});

test('OpenCode', async () => {
    const home = rig.home();
    fs.writeFileSync(path.join(home, 'opencode.json'), said(/`(\{"provider".*\})`/));
    const printed = await rig.run(openCode(), ['run', '-m', 'anthropic/claude-sonnet-4-5', 'say hi'], home,
        { ANTHROPIC_API_KEY: 'dummy' });
    assert.match(printed, new RegExp(Answer));
    await reached('/v1/messages');
});

test('OpenAI SDK', async () => {
    Object.assign(process.env, variable(said(/`(OPENAI_BASE_URL=\S+)`/)), { OPENAI_API_KEY: 'dummy' });
    const client = new (load('openai').OpenAI)();
    await client.embeddings.create({ model: 'sim-ok', input: 'one' });
    await reached('/v1/embeddings');
});

test('Anthropic SDK', async () => {
    Object.assign(process.env, variable(said(/`(ANTHROPIC_BASE_URL=\S+)`/)), { ANTHROPIC_API_KEY: 'dummy' });
    const client = new (load('@anthropic-ai/sdk').Anthropic)();
    const messages = [{ role: 'user', content: 'how long?' }];
    await client.messages.countTokens({ model: 'sim-ok', messages });
    await reached('/v1/messages/count_tokens');
});

test('a look with curl', async () => {
    const reply = await fetch(said(/`curl (\S+)`/));
    assert.equal((await reply.json()).status, 'ok');
});

test('the settings are valid', async () => {
    const home = rig.home();
    const file = path.join(home, 'weir.toml');
    fs.writeFileSync(file, said(/```toml\n(\[listen\][^`]*)```/));
    const weir = new Running(built('weir-headless'), ['--config', file, '--port', '0'],
        { cwd: home, env: cleanEnvironment(home) });
    try {
        await weir.printed(/listening on /, 10_000);
        assert.equal(weir.stderr, '');
    } finally {
        weir.kill('SIGTERM');
        await weir.end(10_000);
    }
});
