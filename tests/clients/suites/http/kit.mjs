// What the tests of plain HTTP share.
import assert from 'node:assert/strict';
import { authorization, endpoint } from '../../kit.mjs';

export const RESPONSE = 'application/graphql-response+json';
export const JSON_TYPE = 'application/json';

/** By this a client would see that Rust is behind it: types, paths, what its libraries say of either, and a parser's drawings. */
const RUST = /\n| --> |::|\.rs\b|serde|panicked|unwrap|Option<|Some\(|None\b|\b[iu](8|16|32|64)\b|usize|\bstruct\b|\benum\b|expected a (map|sequence)|invalid type/;

/** An answer that is an error of the request: GraphQL-shaped, with a code, without `data`, without words of Rust. */
export async function assertRefused(response, status, code = 'BAD_USER_INPUT') {
    const text = await response.text();
    assert.equal(response.status, status, text);
    assert.match(response.headers.get('content-type'), /^application\/(graphql-response\+)?json; charset=utf-8$/);
    const body = JSON.parse(text);
    assert.ok(!('data' in body), text);
    assert.ok(Array.isArray(body.errors) && body.errors.length > 0, text);
    for (const { message, extensions } of body.errors) {
        assert.ok(typeof message === 'string' && message.length > 0, text);
        assert.equal(extensions.code, code, text);
        assert.ok(!RUST.test(message), `this is not for clients: ${message}`);
    }
    return body.errors;
}

/** Sends bytes as they are: fetch would add a media type of its own to a text. */
export function send(body, contentType, headers = {}) {
    const type = contentType === undefined ? {} : { 'content-type': contentType };
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    return fetch(endpoint, { method: 'POST', headers: { authorization, ...type, ...headers }, body: bytes });
}

export function get(parameters, headers = {}) {
    return fetch(`${endpoint}?${new URLSearchParams(parameters)}`, { headers: { authorization, ...headers } });
}

/** The parameters of a mutation that makes a tag, and whether it was made. */
export function tagging(name) {
    return { query: `mutation { createTag(input: { name: "${name}" }) { tag { id } userErrors { code } } }` };
}
