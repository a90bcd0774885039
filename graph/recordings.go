package graph

import (
	"context"
	"net/url"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// Recordings answers User.recordings. Zoom does not tell the trash by date: of each piece of a time it would tell all of it.
func (r userResolver) Recordings(
	ctx context.Context, parent *model.User, first *int, after, from, to *string,
	trash *bool, trashType *model.RecordingTrashType, meetingConnector *bool, meetingID *string,
) (*model.CloudRecordingConnection, error) {
	if trash != nil && *trash && (from != nil || to != nil) {
		return nil, &client.Error{
			Code: client.CodeBadUserInput, Op: &opRecordingsList, Fields: []string{"from", "to"},
			Message: "the trash cannot be asked by date", Hint: "leave from and to out",
		}
	}
	return connection(ctx, r.Server, model.NewCloudRecordingConnection, pageOf{
		op: &opRecordingsList, path: []string{parent.Key()}, list: "meetings", node: &opRecordingGet, key: "uuid",
		first: first, after: after, span: spanOf(from, to),
	}, paramOf("trash", trash), paramOf("trash_type", trashType), paramOf("mc", meetingConnector), paramOf("meeting_id", meetingID))
}

// Recording answers Meeting.recording. By a meeting's number Zoom answers the recording of its latest instance, whichever
// that is, so it is read to learn its uuid.
func (r meetingResolver) Recording(ctx context.Context, parent *model.Meeting) (*model.CloudRecording, error) {
	session, path := load.From(ctx), []string{parent.Key()}
	if err := r.principal(ctx).client.Check(client.Request{Op: &opRecordingGet, Path: path}); err != nil {
		return nil, err
	}
	body, err := session.Await(atRoot(ctx), session.Gather(ctx, &opRecordingGet, path, nil))
	if err != nil {
		return nil, err
	}
	uuid, _ := rawjson.Member(body, "uuid")
	one := &detailReader{ctx: ctx, server: r.Server, session: session, op: &opRecordingGet, query: url.Values{}}
	return model.NewCloudRecording(model.NewEntity(knownReader{one, body}, client.IDOf(uuid), true)), nil
}

// knownReader is the reader of a thing whose details are there.
type knownReader struct {
	*detailReader
	details []byte
}

// Detail implements model.Reader.
func (r knownReader) Detail(string) func() ([]byte, error) {
	return func() ([]byte, error) { return r.details, nil }
}

// uploaded is Zoom's number of a recording that somebody uploaded, which is none of a meeting.
const uploaded = "99"

// Meeting answers CloudRecording.meeting: by the number of a meeting, if that is what was recorded.
func (r cloudRecordingResolver) Meeting(ctx context.Context, parent *model.CloudRecording) (*model.Meeting, error) {
	ofMeeting := func(kind string) bool { return kind != uploaded && isMeeting(kind) }
	return linkedAs(ctx, r.Server, ofMeeting, parent.RawListed("type"), parent.RawListed("id"), &opMeeting, model.NewMeeting)
}

// Webinar answers CloudRecording.webinar likewise.
func (r cloudRecordingResolver) Webinar(ctx context.Context, parent *model.CloudRecording) (*model.Webinar, error) {
	return linkedAs(ctx, r.Server, isWebinar, parent.RawListed("type"), parent.RawListed("id"), &opWebinar, model.NewWebinar)
}

// PastMeeting answers ArchivedMeeting.pastMeeting. A breakout room has a uuid that names no instance.
func (r archivedMeetingResolver) PastMeeting(ctx context.Context, parent *model.ArchivedMeeting) (*model.PastMeeting, error) {
	breakout, err := await(ctx, load.From(ctx), parent.RawListed("is_breakout_room"))
	if err != nil || project.IsTrue(breakout) {
		return nil, err
	}
	return linked(ctx, r.Server, parent.RawListed("uuid"), &opPastMeetingDetails, model.NewPastMeeting)
}
