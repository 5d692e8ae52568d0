//! Where the schema takes ids.

/// Every argument and input field that takes an id, with a request that gives it as `$id` and works with an own one.
pub(super) const TAKING_IDS: &[(&str, &str, &str)] = &[
    (
        "Query.node.id",
        "contact",
        "query ($id: ID!) { node(id: $id) { __typename id } }",
    ),
    (
        "Query.nodes.ids",
        "segment",
        "query ($id: ID!) { nodes(ids: [$id]) { __typename } }",
    ),
    (
        "OpenConversationInput.contactId",
        "contact",
        "mutation ($id: ID!, $channel: ID!) { openConversation(input: {contactId: $id, channelId: $channel}) { conversation { number } userErrors { field code message } } }",
    ),
    (
        "OpenConversationInput.channelId",
        "channel",
        "mutation ($id: ID!, $contact: ID!) { openConversation(input: {contactId: $contact, channelId: $id}) { conversation { number } userErrors { field code message } } }",
    ),
    (
        "RequestSupportInput.contactId",
        "contact",
        "mutation ($id: ID!, $channel: ID!) { requestSupport(input: {contactId: $id, channelId: $channel}) { conversation { number } userErrors { field code message } } }",
    ),
    (
        "RequestSupportInput.channelId",
        "channel",
        "mutation ($id: ID!, $contact: ID!) { requestSupport(input: {contactId: $contact, channelId: $id}) { conversation { number } userErrors { field code message } } }",
    ),
    (
        "SendMessageInput.contactId",
        "contact",
        "mutation ($id: ID!, $channel: ID!) { sendMessage(input: {contactId: $id, channelId: $channel, content: {text: \"x\"}}) { userErrors { field code message } } }",
    ),
    (
        "SendMessageInput.channelId",
        "channel",
        "mutation ($id: ID!, $contact: ID!) { sendMessage(input: {contactId: $contact, channelId: $id, content: {text: \"x\"}}) { userErrors { field code message } } }",
    ),
    (
        "Query.broadcast.id",
        "broadcast",
        "query ($id: ID!) { broadcast(id: $id) { title } }",
    ),
    (
        "Broadcast.preview.contactId",
        "contact",
        "query ($id: ID!, $broadcast: ID!) { broadcast(id: $broadcast) { preview(contactId: $id) { message } } }",
    ),
    (
        "Broadcast.audience.contactIds",
        "contact",
        "query ($id: ID!, $broadcast: ID!) { broadcast(id: $broadcast) { audience(recipients: SELECTED, contactIds: [$id]) { total } } }",
    ),
    (
        "CreateBroadcastInput.channelId",
        "channel",
        "mutation ($id: ID!) { createBroadcast(input: {title: \"x\", channelId: $id, everyone: true, content: {text: \"x\"}}) { broadcast { title } userErrors { field code message } } }",
    ),
    (
        "CreateBroadcastInput.segmentIds",
        "segment",
        "mutation ($id: ID!, $channel: ID!) { createBroadcast(input: {title: \"x\", channelId: $channel, segmentIds: [$id], content: {text: \"x\"}}) { broadcast { title } userErrors { field code message } } }",
    ),
    (
        "BroadcastContentInput.blockId",
        "block",
        "mutation ($id: ID!, $channel: ID!) { createBroadcast(input: {title: \"x\", channelId: $channel, everyone: true, content: {blockId: $id}}) { broadcast { title } userErrors { field code message } } }",
    ),
    (
        "TemplateContentInput.templateId",
        "template",
        "mutation ($id: ID!, $channel: ID!) { createBroadcast(input: {title: \"x\", channelId: $channel, everyone: true, content: {template: {templateId: $id, variables: []}}}) { broadcast { title } userErrors { field code message } } }",
    ),
    (
        "UpdateBroadcastInput.id",
        "broadcast",
        "mutation ($id: ID!) { updateBroadcast(input: {id: $id}) { broadcast { title } userErrors { field code message } } }",
    ),
    (
        "UpdateBroadcastInput.channelId",
        "channel",
        "mutation ($id: ID!, $broadcast: ID!) { updateBroadcast(input: {id: $broadcast, channelId: $id}) { broadcast { title } userErrors { field code message } } }",
    ),
    (
        "UpdateBroadcastInput.segmentIds",
        "segment",
        "mutation ($id: ID!, $broadcast: ID!) { updateBroadcast(input: {id: $broadcast, everyone: false, segmentIds: [$id]}) { broadcast { title } userErrors { field code message } } }",
    ),
    (
        "SendBroadcastInput.id",
        "broadcast",
        "mutation ($id: ID!) { sendBroadcast(input: {id: $id, notAfter: \"2020-01-01T00:00:00Z\"}) { userErrors { field code message } } }",
    ),
    (
        "SendBroadcastInput.contactIds",
        "contact",
        "mutation ($id: ID!, $broadcast: ID!) { sendBroadcast(input: {id: $broadcast, recipients: SELECTED, contactIds: [$id]}) { userErrors { field code message } } }",
    ),
    (
        "Subscription.broadcastSendProgress.id",
        "send",
        "subscription ($id: ID!) { broadcastSendProgress(id: $id) { status } }",
    ),
    (
        "Query.contact.id",
        "contact",
        "query ($id: ID!) { contact(id: $id) { name } }",
    ),
    (
        "ContactSelection.ids",
        "contact",
        "mutation ($id: ID!) { tagContacts(input: {contacts: {ids: [$id]}, tagNames: [\"a\"]}) { operation { action } userErrors { field code message } } }",
    ),
    (
        "MatchingContacts.except",
        "contact",
        "mutation ($id: ID!) { tagContacts(input: {contacts: {matching: {except: [$id], expectedCount: 0}}, tagNames: [\"a\"]}) { operation { action } userErrors { field code message } } }",
    ),
    (
        "MatchingContacts.inboxId",
        "inbox",
        "mutation ($id: ID!) { tagContacts(input: {contacts: {matching: {inboxId: $id}}, tagNames: [\"a\"]}) { operation { action } userErrors { field code message } } }",
    ),
    (
        "MatchingContacts.segmentId",
        "segment",
        "mutation ($id: ID!) { tagContacts(input: {contacts: {matching: {segmentId: $id}}, tagNames: [\"a\"]}) { operation { action } userErrors { field code message } } }",
    ),
    (
        "SegmentMembersInput.segmentId",
        "segment",
        "mutation ($id: ID!) { addToSegment(input: {contacts: {ids: []}, segmentId: $id}) { operation { action } userErrors { field code message } } }",
    ),
    (
        "Subscription.operationProgress.id",
        "operation",
        "subscription ($id: ID!) { operationProgress(id: $id) { action } }",
    ),
    (
        "Subscription.exportProgress.id",
        "export",
        "subscription ($id: ID!) { exportProgress(id: $id) { format } }",
    ),
    (
        "JobInput.id",
        "export",
        "mutation ($id: ID!) { cancelExport(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "JobInput.id",
        "operation",
        "mutation ($id: ID!) { cancelOperation(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "Subscription.contactCount.inboxId",
        "inbox",
        "subscription ($id: ID!) { contactCount(inboxId: $id) { value } }",
    ),
    (
        "Subscription.contactCount.segmentId",
        "segment",
        "subscription ($id: ID!) { contactCount(segmentId: $id) { value } }",
    ),
    (
        "Query.contacts.segmentId",
        "segment",
        "query ($id: ID!) { contacts(segmentId: $id) { nodes { name } totalCount { value } } }",
    ),
    (
        "ReferenceFilter.in",
        "member",
        "query ($id: ID!) { contacts(filter: {assignee: {in: [$id]}}) { nodes { name } totalCount { value } } }",
    ),
    (
        "ReferenceFilter.notIn",
        "member",
        "query ($id: ID!) { contacts(filter: {assignee: {notIn: [$id]}}) { nodes { name } totalCount { value } } }",
    ),
    (
        "ReferenceFilter.in",
        "team",
        "query ($id: ID!) { contacts(filter: {team: {in: [$id]}}) { nodes { name } totalCount { value } } }",
    ),
    (
        "SetFilter.anyOf",
        "channel",
        "query ($id: ID!) { contacts(filter: {channels: {anyOf: [$id]}}) { nodes { name } totalCount { value } } }",
    ),
    (
        "SetFilter.noneOf",
        "tag",
        "query ($id: ID!) { contacts(filter: {tags: {noneOf: [$id]}}) { nodes { name } totalCount { value } } }",
    ),
    (
        "SetFilter.allOf",
        "segment",
        "query ($id: ID!) { contacts(filter: {segments: {allOf: [$id]}}) { nodes { name } totalCount { value } } }",
    ),
    (
        "SetFilter.noneOf",
        "segment",
        "query ($id: ID!) { contacts(filter: {segments: {noneOf: [$id]}}) { nodes { name } totalCount { value } } }",
    ),
    (
        "SetFilter.noneOf",
        "channel",
        "query ($id: ID!) { contacts(filter: {channels: {noneOf: [$id]}}) { nodes { name } totalCount { value } } }",
    ),
    (
        "Query.contacts.inboxId",
        "inbox",
        "query ($id: ID!) { contacts(inboxId: $id) { nodes { name } totalCount { value } } }",
    ),
    (
        "Query.tableView.inboxId",
        "inbox",
        "query ($id: ID!) { tableView(inboxId: $id) { columns { width } } }",
    ),
    (
        "UpdateTableViewInput.inboxId",
        "inbox",
        "mutation ($id: ID!) { updateTableView(input: {inboxId: $id, orderBy: []}) { tableView { id } userErrors { field code message } } }",
    ),
    (
        "UpdateInboxInput.id",
        "inbox",
        "mutation ($id: ID!) { updateInbox(input: {id: $id, name: \"Renamed\"}) { inbox { name } userErrors { field code message } } }",
    ),
    (
        "Query.contactByAddress.channelId",
        "channel",
        "query ($id: ID!) { contactByAddress(channelId: $id, address: \"+4915112345678\") { name } }",
    ),
    (
        "Segment.explain.contactId",
        "contact",
        "query ($id: ID!) { segments { nodes { explain(contactId: $id) { member } } } }",
    ),
    (
        "UpdateSegmentInput.id",
        "segment",
        "mutation ($id: ID!) { updateSegment(input: {id: $id, name: \"Renamed\"}) { segment { name } userErrors { field code message } } }",
    ),
    (
        "UpdateAttributeInput.id",
        "attribute",
        "mutation ($id: ID!) { updateAttribute(input: {id: $id, label: \"Renamed\"}) { attribute { label } userErrors { field code message } } }",
    ),
    (
        "DeleteAttributeInput.id",
        "attribute",
        "mutation ($id: ID!) { deleteAttribute(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "UpdateContactInput.id",
        "contact",
        "mutation ($id: ID!) { updateContact(input: {id: $id, contact: {title: \"Dr.\"}}) { contact { name } userErrors { field code message } } }",
    ),
    (
        "ContactChannelInput.channelId",
        "channel",
        "mutation ($id: ID!) { createContact(input: {contact: {channels: [{channelId: $id, address: \"+4915112345670\"}]}}) { contact { name } userErrors { field code message } } }",
    ),
    (
        "UpdateChannelInput.id",
        "channel",
        "mutation ($id: ID!) { updateChannel(input: {id: $id, rateLimit: 7}) { channel { name } userErrors { field code message } } }",
    ),
    (
        "ChannelInput.id",
        "channel",
        "mutation ($id: ID!) { syncTemplates(input: {id: $id}) { templates { name } userErrors { field code message } } }",
    ),
    (
        "CreateTemplateInput.channelId",
        "channel",
        "mutation ($id: ID!) { createTemplate(input: {channelId: $id, name: \"news\", language: \"en\", body: \"Hi\"}) { template { name } userErrors { field code message } } }",
    ),
    (
        "UpdateTemplateInput.id",
        "template",
        "mutation ($id: ID!) { updateTemplate(input: {id: $id, body: \"Hello {{1}}\"}) { template { name } userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "template",
        "mutation ($id: ID!) { deleteTemplate(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "UpdateBlockInput.id",
        "block",
        "mutation ($id: ID!) { updateBlock(input: {id: $id, messages: [\"Hello\"]}) { block { name } userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "block",
        "mutation ($id: ID!) { deleteBlock(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "AssignConversationInput.id",
        "conversation",
        "mutation ($id: ID!) { assignConversation(input: {id: $id}) { conversation { number } userErrors { field code message } } }",
    ),
    (
        "AssignConversationInput.assigneeId",
        "member",
        "mutation ($id: ID!, $conversation: ID!) { assignConversation(input: {id: $conversation, assigneeId: $id}) { conversation { number } userErrors { field code message } } }",
    ),
    (
        "CloseConversationInput.id",
        "conversation",
        "mutation ($id: ID!) { closeConversation(input: {id: $id}) { conversation { number } userErrors { field code message } } }",
    ),
    (
        "Query.conversations.contactId",
        "talker",
        "query ($id: ID!) { conversations(contactId: $id) { nodes { id } } }",
    ),
    (
        "Query.conversations.assigneeId",
        "member",
        "query ($id: ID!) { conversations(assigneeId: $id) { nodes { id } } }",
    ),
    (
        "Query.messages.contactId",
        "talker",
        "query ($id: ID!) { messages(contactId: $id) { nodes { id } } }",
    ),
    (
        "Query.messages.conversationId",
        "conversation",
        "query ($id: ID!) { messages(conversationId: $id) { nodes { id } } }",
    ),
    (
        "Query.templates.channelId",
        "channel",
        "query ($id: ID!) { templates(channelId: $id) { name } }",
    ),
    (
        "ChannelInput.id",
        "channel",
        "mutation ($id: ID!) { verifyChannel(input: {id: $id}) { channel { name } userErrors { field code message } } }",
    ),
    (
        "ContactFieldsInput.assigneeId",
        "member",
        "mutation ($id: ID!) { createContact(input: {contact: {assigneeId: $id}}) { contact { assignee { name } } userErrors { field code message } } }",
    ),
    (
        "ContactFieldsInput.teamId",
        "team",
        "mutation ($id: ID!) { createContact(input: {contact: {teamId: $id}}) { contact { team { name } } userErrors { field code message } } }",
    ),
    (
        "UpdateTagInput.id",
        "tag",
        "mutation ($id: ID!) { updateTag(input: {id: $id, colour: \"#ff0000\"}) { tag { name } userErrors { field code message } } }",
    ),
    (
        "MergeTagsInput.intoId",
        "tag",
        "mutation ($id: ID!) { mergeTags(input: {ids: [], intoId: $id}) { tag { name } userErrors { field code message } } }",
    ),
    (
        "UpdateMemberInput.id",
        "member",
        "mutation ($id: ID!) { updateMember(input: {id: $id, name: \"Grace H.\"}) { member { name } userErrors { field code message } } }",
    ),
    (
        "CreateTeamInput.memberIds",
        "member",
        "mutation ($id: ID!) { createTeam(input: {name: \"one\", memberIds: [$id]}) { team { name } userErrors { field code message } } }",
    ),
    (
        "UpdateTeamInput.id",
        "team",
        "mutation ($id: ID!) { updateTeam(input: {id: $id, name: \"two\"}) { team { name } userErrors { field code message } } }",
    ),
    (
        "UpdateTeamInput.memberIds",
        "member",
        "mutation ($id: ID!, $team: ID!) { updateTeam(input: {id: $team, memberIds: [$id]}) { team { name } userErrors { field code message } } }",
    ),
    (
        "CreateApiTokenInput.memberId",
        "member",
        "mutation ($id: ID!) { createApiToken(input: {name: \"t\", role: AGENT, memberId: $id}) { apiToken { name } userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "token",
        "mutation ($id: ID!) { revokeApiToken(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "segment",
        "mutation ($id: ID!) { deleteSegment(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "contact",
        "mutation ($id: ID!) { deleteContact(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "MergeTagsInput.ids",
        "another tag",
        "mutation ($id: ID!, $tag: ID!) { mergeTags(input: {ids: [$id], intoId: $tag}) { tag { name } userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "tag",
        "mutation ($id: ID!) { deleteTag(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "team",
        "mutation ($id: ID!) { deleteTeam(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "member",
        "mutation ($id: ID!) { deleteMember(input: {id: $id}) { userErrors { field code message } } }",
    ),
    // The same id where it is one of several of its own.
    (
        "ContactChannelInput.channelId",
        "channel",
        "mutation ($id: ID!) { createContact(input: {contact: {name: \"z\", channels: [{channelId: $id, address: \"US.1a2b\"}]}}) { contact { name } userErrors { field code message } } }",
    ),
    (
        "Query.node.id",
        "workspace",
        "query ($id: ID!) { node(id: $id) { __typename ... on Workspace { name } } }",
    ),
    (
        "Query.import.id",
        "import",
        "query ($id: ID!) { import(id: $id) { fileName } }",
    ),
    (
        "Subscription.importProgress.id",
        "import",
        "subscription ($id: ID!) { importProgress(id: $id) { fileName } }",
    ),
    (
        "StartImportInput.channelId",
        "channel",
        "mutation ($id: ID!, $import: ID!) { startImport(input: {id: $import, channelId: $id}) { userErrors { field code message } } }",
    ),
    (
        "StartImportInput.id",
        "import",
        "mutation ($id: ID!) { startImport(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "JobInput.id",
        "import",
        "mutation ($id: ID!) { cancelImport(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "channel",
        "mutation ($id: ID!) { deleteChannel(input: {id: $id}) { userErrors { field code message } } }",
    ),
];
