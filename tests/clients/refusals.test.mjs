// SPDX-License-Identifier: GPL-3.0-or-later
// What the command line tools make of Weir's refusals: how often each asks again, and what its user reads. The
// figures of docs/CLIENTS.md, with the tools' own patience, are measured in the same way; here it is cut short where
// a tool has a setting for that.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from './harness/process.mjs';
import { Answer, Rig } from './harness/rig.mjs';
import { claudeCode, codex, configureCodex, configureOpenCode, openCode } from './harness/tools.mjs';

const Secret = 'sk-provider-0123456789abcdef';
const ExchangesMax = 8;
const WindowTokens = 100_000; // room for what any of the tools sets aside
const FillerBytes = 20_000; // a twentieth of the window, and less than any tool asks for
const KillMs = 60_000;
/** After its first refusal. OpenCode has no setting for it: it waits 2, 4, 8, 16 and 30 s, or as Retry-After says. */
const PatienceMs = 3_000;

const provider = (name, more) => `[[provider]]
name = "${name}"
openai_base = "http://127.0.0.1:9/v1"
anthropic_base = "http://127.0.0.1:9"
auth = "stored"
${more}
`;

const Settings = `${provider('nobody', 'key_env = "SIM_KEY"')}
${provider('keyless', 'key_env = "WEIR_TEST_NOT_SET"')}
[timeouts]
first_byte_ms = 1000

[limits]
exchanges_max = ${ExchangesMax}
`;

let rig;

/** A request of the test's own, which the tee does not see. */
const ask = (key, body, options) => fetch(`${rig.direct}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'sim-ok', max_tokens: 1, ...body }),
    ...options,
});

async function fill(key) {
    for (let status = 200; status === 200;) {
        const reply = await ask(key, { messages: [{ role: 'user', content: 'x'.repeat(FillerBytes) }] });
        await reply.text();
        ({ status } = reply);
        assert.ok(status === 200 || status === 429, `${status}`);
    }
}

/** Fills the window of `key` as it empties, until a tool has been refused. */
async function keepFull(key) {
    for (const deadline = Date.now() + KillMs; rig.tee.bytesAnswered === 0 && Date.now() < deadline;) {
        await fill(key);
        await until(() => rig.tee.bytesAnswered > 0, 10);
    }
}

/** Has as many requests run as may; the function that ends them. */
async function occupy(key) {
    const leave = new AbortController();
    for (let i = 0; i < ExchangesMax; ++i) {
        const reply = await ask(key, { model: 'sim-body-endless+gap-500', stream: true, messages: [] },
            { signal: leave.signal });
        assert.equal(reply.status, 200);
    }
    return async () => {
        leave.abort();
        for (let status = 503; status === 503;)
            ({ status } = await ask(key, { messages: [] }));
    };
}

let labels = 0;
const newKey = (...options) => rig.accessKey(`key ${++labels}`, options);
const windowKey = (length) => newKey('--tokens-per-window', `${WindowTokens}`, '--window', length);

/**
 * `prepare` makes a key, and the model, that is refused with `status` or `or`; `says` is what its user has to read.
 * Of each tool: `most` requests, and if it is not refused in the end `answered`; if it `waits`, it is ended.
 * `tries`: how often it may try again by its settings, where it would go on for minutes.
 */
const Refusals = [
    {
        what: 'an unknown access key', status: 401, says: /Weir: this access key is not known/,
        prepare: async () => ({ key: `weir_${'a'.repeat(43)}` }),
        codex: { most: 2, tries: 1 }, claude: { most: 1 }, openCode: { most: 2 },
    },
    {
        what: 'a paused access key', status: 403, says: /Weir: this access key is paused: key \d+/,
        prepare: async () => {
            const key = await newKey();
            await rig.command(['keys', 'pause', `key ${labels}`]);
            return { key };
        },
        codex: { most: 2, tries: 1 }, claude: { most: 1 }, openCode: { most: 2 },
    },
    {
        what: 'a model that the key may not use', status: 403,
        says: /Weir: this access key may not use the model: 'sim-ok'; allowed: other/,
        prepare: async () => ({ key: await newKey('--allow-model', 'other') }),
        codex: { most: 2, tries: 1 }, claude: { most: 1 }, openCode: { most: 2 },
    },
    {
        what: 'a limit that ends in seconds', status: 429,
        prepare: async () => {
            const key = await windowKey('10s');
            await fill(key);
            return { key, meanwhile: keepFull(key) };
        },
        // OpenCode sends two at a time, and one may take the room that the other was told of.
        codex: { most: 2, answered: true }, claude: { most: 2, answered: true }, openCode: { most: 6, answered: true },
    },
    {
        what: 'a limit that ends in 37 minutes', status: 429,
        says: /tokens_per_window of the access key 'key \d+'.*; room in \d+ min/,
        prepare: async () => {
            const key = await windowKey('37m');
            await fill(key);
            return { key };
        },
        codex: { most: 1 }, claude: { most: 1 }, openCode: { most: 9, waits: true },
    },
    {
        what: 'a request that alone is above the limit', status: 429, says: /this request alone may take \d+/,
        prepare: async () => ({ key: await newKey('--tokens-per-window', '100') }),
        codex: { most: 1 }, claude: { most: 1 }, openCode: { most: 9, waits: true },
    },
    {
        what: 'a provider that nobody can reach', status: 502,
        says: /Weir: the upstream (refused the connection|cannot be reached)/,
        prepare: async () => ({ key: await newKey('--provider', 'nobody') }),
        or: 503, // after five failures in a row
        codex: { most: 4, tries: 1 }, claude: { most: 2, tries: 1 }, openCode: { most: 9, waits: true },
    },
    {
        what: 'a provider that closes without an answer', status: 502, says: /Weir: the upstream closed the connection/,
        prepare: async () => ({ key: await newKey(), model: 'sim-close-before' }),
        codex: { most: 4, tries: 1 }, claude: { most: 1 }, openCode: { most: 9, waits: true },
    },
    {
        what: 'a provider whose key is not stored', status: 503,
        says: /Weir: no key is stored for this provider: keyless/,
        prepare: async () => ({ key: await newKey('--provider', 'keyless') }),
        codex: { most: 4, tries: 1 }, claude: { most: 1 }, openCode: { most: 9 },
    },
    {
        what: 'as many requests as may be in work', status: 503,
        says: /Weir: limits.exchanges_max requests are in work: 8/,
        prepare: async () => {
            const key = await newKey();
            return { key, release: await occupy(key) };
        },
        codex: { most: 4, tries: 1 }, claude: { most: 2, tries: 1 }, openCode: { most: 9 },
    },
    {
        what: 'a provider that does not begin to answer', status: 504,
        says: /Weir: the upstream did not begin to answer within timeouts.first_byte_ms/,
        prepare: async () => ({ key: await newKey(), model: 'sim-silent' }),
        codex: { most: 4, tries: 1 }, claude: { most: 1 }, openCode: { most: 9, waits: true },
    },
];

/** With a key of limited tokens a body is held whole, up to `limits.body_hold`. */
const LargeBodies = [
    {
        what: 'a body that is too large to be held', status: 413, says: /Weir: the request body must be held whole/,
        prepare: async () => ({ key: await windowKey('5h') }),
        // Claude Code has a sentence of its own for this status; OpenCode compacts, and asks for that, too.
        codex: { most: 2, tries: 1 }, claude: { most: 1, says: /^Request too large/ }, openCode: { most: 3 },
    },
];

const Tools = {
    codex(model, key, { tries }) {
        const home = rig.home();
        const more = tries ? `request_max_retries = ${tries}\nstream_max_retries = ${tries}\n` : '';
        return rig.start(codex(), ['exec', '--skip-git-repo-check', 'say hi'], home,
            configureCodex(home, rig.url, model, key, more));
    },
    claude(model, key, { tries }) {
        return rig.start(claudeCode(), ['-p', 'say hi'], rig.home(), {
            ANTHROPIC_BASE_URL: rig.url,
            ANTHROPIC_AUTH_TOKEN: key,
            ANTHROPIC_MODEL: model,
            ...(tries && { CLAUDE_CODE_MAX_RETRIES: `${tries}` }),
        });
    },
    openCode(model, key) {
        const home = rig.home();
        configureOpenCode(home, rig.url, model, key);
        return rig.start(openCode(), ['run', 'say hi'], home);
    },
};

async function play(tool, refusal) {
    const expected = refusal[tool];
    rig.tee.forget();
    const { key, model = 'sim-ok', meanwhile, release } = await refusal.prepare();
    const client = Tools[tool](model, key, expected);
    const startedAt = Date.now();
    if (expected.waits)
        await until(() => rig.tee.bytesAnswered > 0 || !client.isRunning, KillMs);
    const { code, signal } = await client.end(expected.waits ? PatienceMs : KillMs);
    const tookMs = Date.now() - startedAt;
    await release?.();
    await meanwhile;

    const posts = rig.tee.exchanges().filter(({ method }) => method === 'POST');
    const statuses = posts.map(({ answer }) => answer?.status).filter(Boolean);
    const said = client.stdout + client.stderr;
    const account = `${posts.length} requests (${statuses}) in ${tookMs} ms, ended with ${signal ?? code}; ${said}`;
    const refused = statuses.filter((status) => [refusal.status, refusal.or].includes(status));
    assert.ok(refused.length > 0, account);
    assert.ok(posts.length <= expected.most, account);
    if (expected.answered) {
        assert.equal(code, 0, account);
        assert.ok(client.stdout.includes(Answer), account);
        return;
    }
    assert.deepEqual(refused, statuses, account);
    if (expected.waits)
        return;
    assert.equal(signal, null, account);
    assert.notEqual(code, 0, account);
    assert.match(said, expected.says ?? refusal.says, account);
}

for (const [suite, settings, refusals] of [
    ['refusals', Settings, Refusals],
    ['large bodies', '[limits]\nbody_hold = 2000\n', LargeBodies],
]) {
    describe(suite, () => {
        before(async () => { rig = await Rig.start({ tee: true, secret: Secret, settings }); });
        after(() => rig?.stop());
        for (const refusal of refusals) {
            for (const tool of Object.keys(Tools))
                test(`${refusal.what}: ${tool}`, () => play(tool, refusal));
        }
    });
}
