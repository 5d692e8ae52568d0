// graphql-eslint over schema.graphql: no rule may find an error.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const here = fileURLToPath(new URL('.', import.meta.url));
const text = readFileSync(new URL('../../../../schema.graphql', import.meta.url), 'utf8');
const lines = text.split('\n');

// A rule that knows no exceptions wants every edge's node to be a Node. These are lines of a report, which nobody asks for by id.
const REPORTS = new Set(['type BulkErrorEdge {', 'type ImportErrorEdge {']);

const eslint = new ESLint({ cwd: here });
const config = await eslint.calculateConfigForFile('schema.graphql');
const [{ messages }] = await eslint.lintText(text, { filePath: 'schema.graphql' });
const found = messages.filter(({ ruleId, line }) => !(ruleId === '@graphql-eslint/relay-edge-types' && REPORTS.has(lines[line - 1])));

test('the schema can be read', () => assert.deepEqual(messages.filter(({ fatal, ruleId }) => fatal || !ruleId), []));

for (const rule of Object.keys(config.rules).filter((name) => name.startsWith('@graphql-eslint/'))) {
    test(rule, () => {
        const wrong = found.filter(({ ruleId }) => ruleId === rule).map(({ line, message }) => `line ${line}, ${lines[line - 1].trim()} ${message}`);
        assert.ok(wrong.length === 0, wrong.join('\n'));
    });
}

test('each exception is of something that is there', () => {
    const [, { exceptions }] = config.rules['@graphql-eslint/strict-id-in-types'];
    const gone = exceptions.types.filter((name) => !lines.some((line) => line.startsWith(`type ${name} `)));
    assert.deepEqual(gone, []);
    for (const line of REPORTS) assert.ok(lines.includes(line), line);
});
