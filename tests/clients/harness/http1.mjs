// SPDX-License-Identifier: GPL-3.0-or-later
// Takes recorded HTTP/1.1 bytes apart. Strict where a mistake would hide one of Weir's.

const HeadEnd = Buffer.from('\r\n\r\n');
const LineEnd = Buffer.from('\r\n');

/**
 * The messages in `bytes`: {start, method, target, status, headers: [[name, value]…], body, isWhole}. Only the last
 * one may be unfinished; its body is then empty. Answers need the `requests` they belong to, as an answer to HEAD
 * has no body.
 */
export function splitMessages(bytes, requests) {
    const messages = [];
    let at = 0;
    while (at < bytes.length) {
        const headEnd = bytes.indexOf(HeadEnd, at);
        if (headEnd < 0)
            break;
        const message = readHead(bytes.toString('latin1', at, headEnd));
        const asked = requests?.[messages.length];
        const body = readBody(bytes, headEnd + HeadEnd.length, message, asked);
        at = body?.end ?? bytes.length;
        if (message.status >= 100 && message.status < 200)
            continue;
        messages.push({ ...message, body: body?.bytes ?? Buffer.alloc(0), isWhole: body !== undefined });
    }
    return messages;
}

/** The values of a header, in order. */
export function valuesOf(message, name) {
    return message.headers.filter(([n]) => n.toLowerCase() === name).map(([, value]) => value);
}

function readHead(text) {
    const [start, ...lines] = text.split('\r\n');
    const headers = lines.map((line) => {
        const colon = line.indexOf(':');
        if (colon <= 0)
            throw new Error(`not a header line: ${JSON.stringify(line)}`);
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    if (start.startsWith('HTTP/1.'))
        return { start, status: Number(start.split(' ')[1]), headers };
    const [method, target] = start.split(' ');
    return { start, method, target, headers };
}

function readBody(bytes, from, message, asked) {
    const { status } = message;
    if (asked?.method === 'HEAD' || status === 204 || status === 304 || (status >= 100 && status < 200))
        return { bytes: Buffer.alloc(0), end: from };
    if (valuesOf(message, 'transfer-encoding').join().toLowerCase().includes('chunked'))
        return readChunks(bytes, from);
    const [length] = valuesOf(message, 'content-length');
    if (length === undefined && status !== undefined)
        return { bytes: bytes.subarray(from), end: bytes.length };
    const end = from + Number(length ?? 0);
    return end <= bytes.length ? { bytes: bytes.subarray(from, end), end } : undefined;
}

function readChunks(bytes, from) {
    const parts = [];
    for (;;) {
        const lineEnd = bytes.indexOf(LineEnd, from);
        if (lineEnd < 0)
            return undefined;
        const size = Number.parseInt(bytes.toString('latin1', from, lineEnd), 16);
        from = lineEnd + LineEnd.length;
        if (size === 0) {
            const end = bytes.indexOf(LineEnd, from);
            return end < 0 ? undefined : { bytes: Buffer.concat(parts), end: end + LineEnd.length };
        }
        parts.push(bytes.subarray(from, from + size));
        from += size + LineEnd.length;
        if (from > bytes.length)
            return undefined;
    }
}
