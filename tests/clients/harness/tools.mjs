// SPDX-License-Identifier: GPL-3.0-or-later
// The command line tools: their programs, and what keeps each of them on loopback.
import fs from 'node:fs';
import path from 'node:path';
import { installed } from './process.mjs';

/** For tools that look for news outside on their own: all but loopback goes to a proxy that is not there. */
const LoopbackOnly = (() => {
    const nowhere = 'http://127.0.0.1:9';
    const here = '127.0.0.1,localhost,::1';
    return {
        HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, ALL_PROXY: nowhere, NO_PROXY: here,
        http_proxy: nowhere, https_proxy: nowhere, all_proxy: nowhere, no_proxy: here,
    };
})();

export const claudeCode = () => ({
    program: installed('@anthropic-ai', `claude-code-linux-${process.arch}`, 'claude'),
    args: [],
    offline: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', IS_SANDBOX: '1' },
});

export const codex = () => ({
    program: process.execPath,
    args: [installed('@openai', 'codex', 'bin', 'codex.js')],
    offline: LoopbackOnly,
});

/** Has Codex in `home` ask `url` for `model`, with `key`; the environment that it needs for that. `more`: lines of
 *  the provider's table. */
export function configureCodex(home, url, model, key, more = '') {
    const folder = path.join(home, '.codex');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'config.toml'), `model = "${model}"
model_provider = "weir"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.weir]
name = "weir"
base_url = "${url}/v1"
env_key = "WEIR_TEST_KEY"
wire_api = "responses"
${more}`);
    return { CODEX_HOME: folder, WEIR_TEST_KEY: key };
}

export const openCode = () => ({
    program: installed(`opencode-linux-${process.arch}`, 'bin', 'opencode'),
    args: [],
    offline: { ...LoopbackOnly, OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' },
});

/** Has OpenCode in `home` ask `url` for `model`, with `key`; the adapters come inside the program. */
export function configureOpenCode(home, url, model, key, adapter = '@ai-sdk/openai-compatible') {
    fs.writeFileSync(path.join(home, 'opencode.json'), JSON.stringify({
        model: `weir/${model}`,
        provider: {
            weir: { npm: adapter, options: { baseURL: `${url}/v1`, apiKey: key }, models: { [model]: {} } },
        },
    }));
}
