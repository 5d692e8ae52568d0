// Types that were generated, used as an application would: what does not fit them is an error of tsc.
import type { ResultOf, TypedDocumentNode, VariablesOf } from '@graphql-typed-document-node/core';
import { ContactDocument, ContactsDocument, CreateContactDocument, CreateImportDocument, ImportProgressDocument, PersonFragmentDoc, ValueFragmentDoc } from '../../generated/codegen/client/graphql';
import { useFragment } from '../../generated/codegen/client';

declare function ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;

export async function page(): Promise<string[]> {
    const { contacts } = await ask(ContactsDocument, {
        columns: ['name'],
        orderBy: [{ column: 'name', direction: 'DESC' }],
        filter: { and: [{ tags: { anyOf: ['tag_1'] } }, { sinceLastIncoming: { lt: 'PT24H' } }], status: ['ACTIVE'] },
    });
    return contacts.edges.map(({ node }) => {
        const person = useFragment(PersonFragmentDoc, node);
        const version: number = person.version;
        const email: string | null | undefined = person.email;
        return `${person.displayName} ${email} ${version} ${person.tags.map((tag) => tag.name)}`;
    });
}

export async function values(id: string): Promise<unknown[]> {
    const { contact } = await ask(ContactDocument, { id });
    return (contact?.attributes ?? []).map((masked) => {
        const value = useFragment(ValueFragmentDoc, masked);
        return value.__typename === 'NumberValue' ? value.number.toFixed(2) : value.json;
    });
}

export type Upload = VariablesOf<typeof CreateImportDocument>;
export const upload: Upload = { input: { file: new Blob(['a']), consentConfirmed: true, country: 'DE', mapping: [{ header: 'City', newAttribute: { key: 'city', type: 'TEXT' } }] } };
export const created: VariablesOf<typeof CreateContactDocument> = { input: { contact: { name: 'Ann', attributes: [{ key: 'seats', value: 3 }] } } };
export const finishedAt: ResultOf<typeof ImportProgressDocument>['importProgress']['finishedAt'] = '2026-01-02T03:04:05Z';

// @ts-expect-error a file is no text
export const noFile: Upload = { input: { file: 'a', consentConfirmed: true } };
// @ts-expect-error consent must be said
export const noConsent: Upload = { input: { file: new Blob([]) } };
// @ts-expect-error a type that there is not
export const noType: Upload = { input: { file: new Blob([]), consentConfirmed: true, mapping: [{ header: 'a', newAttribute: { key: 'a', type: 'MONEY' } }] } };
