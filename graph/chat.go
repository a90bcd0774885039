package graph

import (
	"context"

	"zoomgraph/client"
	"zoomgraph/graph/exec"
	"zoomgraph/graph/model"
	"zoomgraph/graph/program"
	"zoomgraph/graph/project"
)

// A channel is found through a user. This file reads its members and messages as that user sees them, and finds out in
// which chat a message is. Start reading at chatChannelResolver.seenBy.

func (r *resolvers) ChatChannel() exec.ChatChannelResolver {
	return chatChannelResolver{chatChannelOps{r.Server}}
}

type chatChannelResolver struct{ chatChannelOps }

// seenBy is as whom what is below a channel is read: as the user of the path that led to it. Query.chatChannel and its
// writes name nobody: then it is "me", the user whose own token is used.
func (r chatChannelResolver) seenBy(ctx context.Context, channel *model.ChatChannel) (string, error) {
	user := channel.Above(program.Caller)
	if user != "me" || r.principal(ctx).client.ActsAsUser() {
		return user, nil
	}
	return "", &client.Error{
		Code:    client.CodeBadUserInput,
		Message: "members and messages of a channel are read as one user sees them, and an account's credentials belong to no user",
		Hint:    "ask for the channel by way of a member: user(id: …) { chatChannel(id: …) }",
	}
}

// Members answers ChatChannel.members.
func (r chatChannelResolver) Members(ctx context.Context, parent *model.ChatChannel, first *int, after *string) (*model.ChatChannelMemberConnection, error) {
	user, err := r.seenBy(ctx, parent)
	if err != nil {
		return nil, err
	}
	return connection(ctx, r.Server, model.NewChatChannelMemberConnection, pageOf{
		op: &opListChannelMembers, path: []string{user, parent.Key()}, list: "members", first: first, after: after,
	})
}

// Messages answers ChatChannel.messages.
func (r chatChannelResolver) Messages(
	ctx context.Context, parent *model.ChatChannel, first *int, after, date, from, to *string,
	searchType *model.ChatSearchType, searchKey *string, changed, threadless *bool, formats *model.ChatFileFormat,
) (*model.ChatMessageConnection, error) {
	user, err := r.seenBy(ctx, parent)
	if err != nil {
		return nil, err
	}
	return r.chatMessages(ctx, user, chatTime{date, from, to}, first, after,
		keyed(&parent.Entity, "to_channel"), paramOf("search_type", searchType), paramOf("search_key", searchKey),
		paramOf("include_deleted_and_edited_message", changed), paramOf("exclude_child_message", threadless), paramOf("download_file_formats", formats))
}

// ChatMessages answers User.chatMessages. A search may go through all chats; anything else is in one.
func (r userResolver) ChatMessages(
	ctx context.Context, parent *model.User, first *int, after, toContact, toChannel, date, from, to *string,
	searchType *model.ChatSearchType, searchKey *string, changed, threadless *bool, formats *model.ChatFileFormat,
) (*model.ChatMessageConnection, error) {
	if searchKey == nil || toContact != nil {
		if err := inOneChat(&opGetChatMessages, toContact != nil, toChannel != nil); err != nil {
			return nil, err
		}
	}
	return r.chatMessages(ctx, parent.Key(), chatTime{date, from, to}, first, after,
		paramOf("to_contact", toContact), paramOf("to_channel", toChannel), paramOf("search_type", searchType), paramOf("search_key", searchKey),
		paramOf("include_deleted_and_edited_message", changed), paramOf("exclude_child_message", threadless), paramOf("download_file_formats", formats))
}

// chatTime is when messages were sent: on a day, or within a time.
type chatTime struct{ date, from, to *string }

// chatMessages lists messages of a user's chats. Zoom takes a day for the time where both are given, and says nothing of it.
func (s *Server) chatMessages(ctx context.Context, user string, sent chatTime, first *int, after *string, params ...param) (*model.ChatMessageConnection, error) {
	if sent.date != nil && (sent.from != nil || sent.to != nil) {
		return nil, &client.Error{
			Code: client.CodeBadUserInput, Op: &opGetChatMessages, Fields: []string{"date", "from", "to"},
			Message: "date is one day, so neither from nor to can stand beside it", Hint: "give either date, or from and to",
		}
	}
	return connection(ctx, s, model.NewChatMessageConnection, pageOf{
		op: &opGetChatMessages, path: []string{user}, list: "messages", first: first, after: after, span: spanOf(sent.from, sent.to),
	}, append(params, paramOf("date", sent.date))...)
}

// inOneChat refuses what is said of no chat, or of two.
func inOneChat(op *client.Op, contact, channel bool) error {
	if contact != channel {
		return nil
	}
	refused := &client.Error{
		Code: client.CodeBadUserInput, Op: op, Fields: []string{"toContact", "toChannel"},
		Message: "toContact and toChannel are both given, and a message is in one chat only", Hint: "give one of them",
	}
	if !contact {
		refused.Message, refused.Hint = "neither toContact nor toChannel is given, so nothing says which chat is meant", "give the one or the other"
	}
	return refused
}

// saysChat is inOneChat for the input of a write.
func saysChat(op *client.Op, input project.Input) error {
	return inOneChat(op, input.Says("toContact"), input.Says("toChannel"))
}

// SendChatMessage answers Mutation.sendChatMessage.
func (r mutationResolver) SendChatMessage(ctx context.Context, userID string, input project.Input) (*project.Value, error) {
	if err := saysChat(&opSendaChatMessage, input); err != nil {
		return nil, err
	}
	return answered(nil)(r.write(ctx, writeOf{op: &opSendaChatMessage, path: []string{userID}, input: "SendChatMessageInput", body: &input}))
}

// UpdateChatMessage answers Mutation.updateChatMessage.
func (r mutationResolver) UpdateChatMessage(ctx context.Context, userID, id string, input project.Input) (*project.Value, error) {
	if err := saysChat(&opEditMessage, input); err != nil {
		return nil, err
	}
	return answered(map[string]string{"message_id": id})(r.write(ctx, writeOf{op: &opEditMessage, path: []string{userID, id}, input: "UpdateChatMessageInput", body: &input}))
}

// DeleteChatMessage answers Mutation.deleteChatMessage.
func (r mutationResolver) DeleteChatMessage(ctx context.Context, userID, id string, toContact, toChannel *string) (*project.Value, error) {
	if err := inOneChat(&opDeleteChatMessage, toContact != nil, toChannel != nil); err != nil {
		return nil, err
	}
	return answered(map[string]string{"message_id": id})(r.write(ctx, writeOf{op: &opDeleteChatMessage, path: []string{userID, id}},
		paramOf("to_contact", toContact), paramOf("to_channel", toChannel)))
}

// answered makes the payload of a write that touches no thing: what its path named, by Zoom's names, and what Zoom answered.
func answered(named map[string]string) func(*written, error) (*project.Value, error) {
	return as(func(w *written) *project.Value { return w.data(named) })
}
