// Types of the compiled documents, used as a page would: what does not fit them is an error of tsc.
import type { ContactRowCreateMutation$variables } from '../../../generated/relay/ContactRowCreateMutation.graphql';
import type { ContactRow_contact$data } from '../../../generated/relay/ContactRow_contact.graphql';
import type { ImportsPageCreateMutation$variables } from '../../../generated/relay/ImportsPageCreateMutation.graphql';
import type { ContactsPageQuery$variables } from '../../../generated/relay/ContactsPageQuery.graphql';

export const variables: ContactsPageQuery$variables = {
    columns: ['name'],
    filter: { or: [{ name: { contains: 'Ann' } }, { attribute: { key: 'seats', number: { gte: 3 } } }], createdAt: { inLast: 'P30D' } },
};

export const creation: ContactRowCreateMutation$variables = { input: { contact: { name: 'Ann', status: 'ACTIVE' } }, columns: [], connections: [] };

export const upload: ImportsPageCreateMutation$variables = { input: { file: new Blob(['a']), consentConfirmed: true }, connections: [] };

// @ts-expect-error a filter has no such field
export const wrongField: ContactsPageQuery$variables = { columns: [], filter: { nobody: true } };
// @ts-expect-error a status that there is not
export const wrongStatus: ContactRowCreateMutation$variables = { input: { contact: { status: 'GONE' } }, columns: [], connections: [] };
// @ts-expect-error no file
export const wrongFile: ImportsPageCreateMutation$variables = { input: { file: 'a', consentConfirmed: true }, connections: [] };

export function describe(contact: ContactRow_contact$data): string {
    const seen: string = contact.lastIncomingAt ?? 'never';
    const numbers = contact.attributes.map((attribute) => attribute.number?.toFixed(1) ?? attribute.text);
    return [contact.displayName, seen, ...contact.tags.map((tag) => tag.name), ...numbers].join();
}
