package graph

import (
	"zoomgraph/graph/exec"
)

// resolvers is everything special: the types that have methods by hand, which refine the generated operations of a type
// (users.go, groups.go, effective.go, drift.go, recordings.go, reports.go, rooms.go, chat.go, subaccounts.go). All others are plain.
type resolvers struct{ plain }

func (r *resolvers) Query() exec.QueryResolver       { return queryResolver{queryOps{r.Server}} }
func (r *resolvers) Mutation() exec.MutationResolver { return mutationResolver{mutationOps{r.Server}} }
func (r *resolvers) User() exec.UserResolver         { return userResolver{userOps{r.Server}} }
func (r *resolvers) Account() exec.AccountResolver   { return accountResolver{accountOps{r.Server}} }

func (r *resolvers) Meeting() exec.MeetingResolver { return meetingResolver{meetingOps{r.Server}} }

func (r *resolvers) Room() exec.RoomResolver { return roomResolver{roomOps{r.Server}} }

func (r *resolvers) CloudRecording() exec.CloudRecordingResolver {
	return cloudRecordingResolver{cloudRecordingOps{r.Server}}
}

func (r *resolvers) ArchivedMeeting() exec.ArchivedMeetingResolver {
	return archivedMeetingResolver{archivedMeetingOps{r.Server}}
}

func (r *resolvers) MeetingReport() exec.MeetingReportResolver {
	return meetingReportResolver{meetingReportOps{r.Server}}
}

func (r *resolvers) TelephoneUsage() exec.TelephoneUsageResolver {
	return telephoneUsageResolver{telephoneUsageOps{r.Server}}
}

func (r *resolvers) ReportParticipant() exec.ReportParticipantResolver {
	return reportParticipantResolver{r.Server}
}

type (
	queryResolver    struct{ queryOps }
	mutationResolver struct{ mutationOps }
	userResolver     struct{ userOps }
	accountResolver  struct{ accountOps }
	meetingResolver  struct{ meetingOps }
	roomResolver     struct{ roomOps }

	cloudRecordingResolver  struct{ cloudRecordingOps }
	archivedMeetingResolver struct{ archivedMeetingOps }

	meetingReportResolver     struct{ meetingReportOps }
	telephoneUsageResolver    struct{ telephoneUsageOps }
	reportParticipantResolver struct{ *Server }
)

// as gives what was found its type in the schema, unless it failed.
func as[V, T any](wrap func(V) *T) func(V, error) (*T, error) {
	return func(found V, err error) (*T, error) {
		if err != nil {
			return nil, err
		}
		return wrap(found), nil
	}
}
