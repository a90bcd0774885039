package graph

import (
	"context"
	"slices"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
)

// This file links rows of reports, which have meetings and webinars side by side: a row of a webinar leads to no meeting,
// and a row of a meeting to no webinar. Start reading at linkedAs.

// Meeting answers MeetingReport.meeting.
func (r meetingReportResolver) Meeting(ctx context.Context, row *model.MeetingReport) (*model.Meeting, error) {
	return linkedAs(ctx, r.Server, isMeeting, row.RawListed("type"), row.RawListed("id"), &opMeeting, model.NewMeeting)
}

// PastMeeting answers MeetingReport.pastMeeting.
func (r meetingReportResolver) PastMeeting(ctx context.Context, row *model.MeetingReport) (*model.PastMeeting, error) {
	kind, uuid := row.RawListed("type"), row.RawListed("uuid")
	return linkedAs(ctx, r.Server, isMeeting, kind, uuid, &opPastMeetingDetails, model.NewPastMeeting)
}

// Webinar answers MeetingReport.webinar.
func (r meetingReportResolver) Webinar(ctx context.Context, row *model.MeetingReport) (*model.Webinar, error) {
	return linkedAs(ctx, r.Server, isWebinar, row.RawListed("type"), row.RawListed("id"), &opWebinar, model.NewWebinar)
}

// Meeting answers TelephoneUsage.meeting.
func (r telephoneUsageResolver) Meeting(ctx context.Context, row *model.TelephoneUsage) (*model.Meeting, error) {
	kind, id := row.RawListed("meeting_type"), row.RawListed("meeting_id")
	return linkedAs(ctx, r.Server, isMeeting, kind, id, &opMeeting, model.NewMeeting)
}

// PastMeeting answers TelephoneUsage.pastMeeting.
func (r telephoneUsageResolver) PastMeeting(ctx context.Context, row *model.TelephoneUsage) (*model.PastMeeting, error) {
	kind, uuid := row.RawListed("meeting_type"), row.RawListed("uuid")
	return linkedAs(ctx, r.Server, isMeeting, kind, uuid, &opPastMeetingDetails, model.NewPastMeeting)
}

// Webinar answers TelephoneUsage.webinar.
func (r telephoneUsageResolver) Webinar(ctx context.Context, row *model.TelephoneUsage) (*model.Webinar, error) {
	kind, id := row.RawListed("meeting_type"), row.RawListed("meeting_id")
	return linkedAs(ctx, r.Server, isWebinar, kind, id, &opWebinar, model.NewWebinar)
}

// linkedAs is linked for a row of the right kind; none for a row of another.
func linkedAs[T any](
	ctx context.Context, s *Server, right func(string) bool, kind, id model.Raw, op *client.Op, wrap func(model.Entity) *T,
) (*T, error) {
	raw, err := await(ctx, load.From(ctx), kind)
	if err != nil || !right(client.IDOf(raw)) {
		return nil, err
	}
	return linked(ctx, s, id, op, wrap)
}

// isWebinar tells the kind of a row: the number of a type, or a word.
func isWebinar(kind string) bool { return slices.Contains([]string{"5", "6", "9", "Webinar"}, kind) }

// isMeeting is for rows that are of the one or the other.
func isMeeting(kind string) bool { return !isWebinar(kind) }

// User answers ReportParticipant.user. Where Zoom tells the id of the user, it is empty of guests; older answers have it as
// the id of the participant only.
func (r reportParticipantResolver) User(ctx context.Context, row *model.ReportParticipant) (*model.User, error) {
	id := row.RawListed("participant_user_id")
	raw, err := await(ctx, load.From(ctx), id)
	if err != nil {
		return nil, err
	}
	if raw == nil {
		id = row.RawListed("id")
	}
	return linked(ctx, r.Server, id, &opUser, model.NewUser)
}
