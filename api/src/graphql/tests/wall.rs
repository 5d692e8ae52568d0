//! Whom each field of the three roots turns away.

use Wall::{
    Deleting, Everybody, Exporting, Importing, Imports, Making, Module, Open, Sending, Settings,
    Unmasked,
};
use domain::viewer::Viewer;
use entity::role::{Restriction, Role};

/// Whom a field turns away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wall {
    /// Nobody.
    Open,
    /// Agents.
    Module,
    /// Agents, and who may not delete contacts.
    Deleting,
    /// Agents, and who may not see everybody.
    Everybody,
    /// Agents, and scripts to whom nobody is assigned, as those here are.
    Making,
    /// Agents, and who may not see everybody or their addresses.
    Imports,
    /// These, and who may not import.
    Importing,
    /// Agents, and who may not export.
    Exporting,
    /// Agents, and who may not send broadcasts.
    Sending,
    /// Agents, and who may not see addresses.
    Unmasked,
    /// Agents, managers, and who may not change the settings.
    Settings,
}

impl Wall {
    pub(super) fn turns_away(self, viewer: &Viewer) -> bool {
        let restricted = |restriction| viewer.restrictions.contains(&restriction);
        match self {
            Open => false,
            Module => viewer.role == Role::Agent,
            Deleting => viewer.role == Role::Agent || restricted(Restriction::NoContactDelete),
            Making | Everybody => {
                viewer.role == Role::Agent || restricted(Restriction::OnlyAssignedContacts)
            }
            Imports => {
                viewer.role == Role::Agent
                    || restricted(Restriction::OnlyAssignedContacts)
                    || restricted(Restriction::MaskPhoneAndEmail)
            }
            Importing => Imports.turns_away(viewer) || restricted(Restriction::NoImport),
            Exporting => viewer.role == Role::Agent || restricted(Restriction::NoExport),
            Sending => viewer.role == Role::Agent || restricted(Restriction::NoBroadcast),
            Unmasked => viewer.role == Role::Agent || restricted(Restriction::MaskPhoneAndEmail),
            Settings => viewer.role != Role::Owner || restricted(Restriction::NoWorkspaceSettings),
        }
    }
}

/// Every field of the three roots.
pub(super) const FIELDS: &[(&str, Wall, &str)] = &[
    ("node", Open, "{ node(id: \"x\") { id } }"),
    ("nodes", Open, "{ nodes(ids: []) { id } }"),
    (
        "viewer",
        Open,
        "{ viewer { role restrictions workspace { id } member { id } token { id } } }",
    ),
    ("workspace", Open, "{ workspace { name } }"),
    ("contacts", Module, "{ contacts { nodes { id } } }"),
    ("contact", Module, "{ contact(id: \"x\") { id } }"),
    (
        "contactByAddress",
        Unmasked,
        "{ contactByAddress(channelId: \"x\", address: \"x\") { id } }",
    ),
    ("columns", Module, "{ columns { key } }"),
    ("attributes", Module, "{ attributes { key } }"),
    ("segments", Module, "{ segments { nodes { id } } }"),
    ("channels", Module, "{ channels { id } }"),
    ("imports", Imports, "{ imports { nodes { id } } }"),
    ("import", Imports, "{ import(id: \"x\") { id } }"),
    ("inboxes", Module, "{ inboxes { id } }"),
    ("tableView", Module, "{ tableView { id } }"),
    ("tags", Module, "{ tags { nodes { id } } }"),
    ("members", Module, "{ members { id teams { id } } }"),
    ("teams", Module, "{ teams { id members { id } } }"),
    ("apiTokens", Settings, "{ apiTokens { id } }"),
    (
        "createContact",
        Making,
        "mutation { createContact(input: {contact: {}}) { userErrors { code } } }",
    ),
    (
        "updateContact",
        Module,
        "mutation { updateContact(input: {id: \"x\", contact: {}}) { userErrors { code } } }",
    ),
    (
        "deleteContact",
        Deleting,
        "mutation { deleteContact(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "createAttribute",
        Module,
        "mutation { createAttribute(input: {key: \"\", type: TEXT}) { userErrors { code } } }",
    ),
    (
        "updateAttribute",
        Module,
        "mutation { updateAttribute(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "deleteAttribute",
        Everybody,
        "mutation { deleteAttribute(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "createSegment",
        Module,
        "mutation { createSegment(input: {name: \"\", rules: []}) { userErrors { code } } }",
    ),
    (
        "updateSegment",
        Module,
        "mutation { updateSegment(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "deleteSegment",
        Module,
        "mutation { deleteSegment(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "createInbox",
        Module,
        "mutation { createInbox(input: {name: \"\", shared: true}) { userErrors { code } } }",
    ),
    (
        "updateInbox",
        Module,
        "mutation { updateInbox(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "deleteInbox",
        Module,
        "mutation { deleteInbox(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "updateTableView",
        Module,
        "mutation { updateTableView(input: {columns: []}) { userErrors { code } } }",
    ),
    (
        "createTag",
        Module,
        "mutation { createTag(input: {name: \"\"}) { userErrors { code } } }",
    ),
    (
        "updateTag",
        Module,
        "mutation { updateTag(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "deleteTag",
        Module,
        "mutation { deleteTag(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "mergeTags",
        Module,
        "mutation { mergeTags(input: {ids: [\"x\"], intoId: \"x\"}) { userErrors { code } } }",
    ),
    (
        "createImport",
        Importing,
        "mutation { createImport(input: {file: \"#__upload__:0\", consentConfirmed: true}) { userErrors { code } } }",
    ),
    (
        "startImport",
        Importing,
        "mutation { startImport(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "cancelImport",
        Importing,
        "mutation { cancelImport(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "contactCount",
        Module,
        "subscription { contactCount { value } }",
    ),
    (
        "contactsChanged",
        Module,
        "subscription { contactsChanged { refetch } }",
    ),
    ("exports", Exporting, "{ exports { nodes { id } } }"),
    (
        "exportContacts",
        Exporting,
        "mutation { exportContacts(input: {contacts: {ids: []}, columns: []}) { userErrors { code } } }",
    ),
    (
        "cancelExport",
        Exporting,
        "mutation { cancelExport(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "exportProgress",
        Exporting,
        "subscription { exportProgress(id: \"x\") { id } }",
    ),
    ("operations", Module, "{ operations { nodes { id } } }"),
    (
        "tagContacts",
        Module,
        "mutation { tagContacts(input: {contacts: {ids: []}, tagNames: []}) { userErrors { code } } }",
    ),
    (
        "untagContacts",
        Module,
        "mutation { untagContacts(input: {contacts: {ids: []}, tagNames: []}) { userErrors { code } } }",
    ),
    (
        "addToSegment",
        Module,
        "mutation { addToSegment(input: {contacts: {ids: []}, segmentId: \"x\"}) { userErrors { code } } }",
    ),
    (
        "removeFromSegment",
        Module,
        "mutation { removeFromSegment(input: {contacts: {ids: []}, segmentId: \"x\"}) { userErrors { code } } }",
    ),
    (
        "cancelOperation",
        Module,
        "mutation { cancelOperation(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "operationProgress",
        Module,
        "subscription { operationProgress(id: \"x\") { id } }",
    ),
    (
        "createChannel",
        Settings,
        "mutation { createChannel(input: {kind: WEB, provider: HTTP, name: \"\"}) { userErrors { code } } }",
    ),
    (
        "updateChannel",
        Settings,
        "mutation { updateChannel(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "verifyChannel",
        Settings,
        "mutation { verifyChannel(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "deleteChannel",
        Settings,
        "mutation { deleteChannel(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    ("conversations", Open, "{ conversations { nodes { id } } }"),
    (
        "messages",
        Open,
        "{ messages(contactId: \"x\") { nodes { id } } }",
    ),
    (
        "openConversation",
        Open,
        "mutation { openConversation(input: {contactId: \"x\", channelId: \"x\"}) { userErrors { code } } }",
    ),
    (
        "requestSupport",
        Module,
        "mutation { requestSupport(input: {contactId: \"x\", channelId: \"x\"}) { userErrors { code } } }",
    ),
    (
        "sendMessage",
        Open,
        "mutation { sendMessage(input: {contactId: \"x\", channelId: \"x\", content: {text: \"x\"}}) { userErrors { code } } }",
    ),
    (
        "messageChanged",
        Open,
        "subscription { messageChanged { id } }",
    ),
    (
        "conversationChanged",
        Open,
        "subscription { conversationChanged { id } }",
    ),
    ("broadcasts", Module, "{ broadcasts { nodes { id } } }"),
    ("broadcast", Module, "{ broadcast(id: \"x\") { id } }"),
    (
        "createBroadcast",
        Sending,
        "mutation { createBroadcast(input: {title: \"\", channelId: \"x\", content: {text: \"x\"}}) { userErrors { code } } }",
    ),
    (
        "updateBroadcast",
        Sending,
        "mutation { updateBroadcast(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "deleteBroadcast",
        Sending,
        "mutation { deleteBroadcast(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "sendBroadcast",
        Sending,
        "mutation { sendBroadcast(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "pauseBroadcastSend",
        Sending,
        "mutation { pauseBroadcastSend(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "resumeBroadcastSend",
        Sending,
        "mutation { resumeBroadcastSend(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "cancelBroadcastSend",
        Sending,
        "mutation { cancelBroadcastSend(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "retryFailedDeliveries",
        Sending,
        "mutation { retryFailedDeliveries(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "broadcastSendProgress",
        Module,
        "subscription { broadcastSendProgress(id: \"x\") { id } }",
    ),
    (
        "assignConversation",
        Module,
        "mutation { assignConversation(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "closeConversation",
        Open,
        "mutation { closeConversation(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    ("templates", Open, "{ templates { id } }"),
    (
        "syncTemplates",
        Settings,
        "mutation { syncTemplates(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "createTemplate",
        Settings,
        "mutation { createTemplate(input: {channelId: \"x\", name: \"\", language: \"\", body: \"\"}) { userErrors { code } } }",
    ),
    (
        "updateTemplate",
        Settings,
        "mutation { updateTemplate(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "deleteTemplate",
        Settings,
        "mutation { deleteTemplate(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    ("blocks", Open, "{ blocks { id } }"),
    (
        "createBlock",
        Module,
        "mutation { createBlock(input: {name: \"\", messages: []}) { userErrors { code } } }",
    ),
    (
        "updateBlock",
        Module,
        "mutation { updateBlock(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "deleteBlock",
        Module,
        "mutation { deleteBlock(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "updateWorkspace",
        Settings,
        "mutation { updateWorkspace(input: {}) { userErrors { code } } }",
    ),
    (
        "createMember",
        Settings,
        "mutation { createMember(input: {name: \"\", email: \"\", role: AGENT}) { userErrors { code } } }",
    ),
    (
        "updateMember",
        Settings,
        "mutation { updateMember(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "deleteMember",
        Settings,
        "mutation { deleteMember(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "createTeam",
        Settings,
        "mutation { createTeam(input: {name: \"\"}) { userErrors { code } } }",
    ),
    (
        "updateTeam",
        Settings,
        "mutation { updateTeam(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "deleteTeam",
        Settings,
        "mutation { deleteTeam(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "createApiToken",
        Settings,
        "mutation { createApiToken(input: {name: \"\", role: AGENT}) { userErrors { code } } }",
    ),
    (
        "revokeApiToken",
        Settings,
        "mutation { revokeApiToken(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "importProgress",
        Imports,
        "subscription { importProgress(id: \"x\") { id } }",
    ),
    (
        "importChanged",
        Imports,
        "subscription { importChanged { id } }",
    ),
];
