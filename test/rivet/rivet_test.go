// Package rivet_test holds the embedded Zoom to a client that nobody here wrote:
// @zoom/rivet, the vendor's own SDK for JavaScript. The *.test.mjs files use the
// SDK and read back what they write; zoom.mjs points it at the embedded Zoom. The
// test here serves them, and knows from the log what had to arrive.
//
// They run by hand too:
//
//	zoomgraph sandbox --addr 127.0.0.1:8081
//	npm ci && ZOOM_URL=http://127.0.0.1:8081 npm test
package rivet_test

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// operations are what the SDK must have sent, no more and no less, each with the
// statuses it was answered with: of the chapters Users, Groups, Roles and
// Accounts those that it has, most of those about meetings, webinars and what
// they leave behind, and all about Zoom Phone, room systems, SIP phones, chat,
// contacts, IM groups and what a chatbot writes. It has
// none about rooms. A fixed segment of a path stands before a variable
// one.
const operations = `
POST   /oauth/token                                       200
GET    /users                                             200
POST   /users                                             201 409
GET    /users/email                                       200
GET    /users/me/zak                                      400
GET    /users/vanity_name                                 200
GET    /users/{userId}                                    200 404
PATCH  /users/{userId}                                    204 404
DELETE /users/{userId}                                    204
GET    /users/{userId}/assistants                         200
POST   /users/{userId}/assistants                         201
DELETE /users/{userId}/assistants                         204
DELETE /users/{userId}/assistants/{assistantId}           204
PUT    /users/{userId}/email                              204
PUT    /users/{userId}/password                           204
GET    /users/{userId}/permissions                        200
POST   /users/{userId}/picture                            201
PUT    /users/{userId}/presence_status                    204
GET    /users/{userId}/schedulers                         200
DELETE /users/{userId}/schedulers                         204
DELETE /users/{userId}/schedulers/{schedulerId}           204
GET    /users/{userId}/settings                           200
PATCH  /users/{userId}/settings                           204 400
POST   /users/{userId}/settings/virtual_backgrounds       201
DELETE /users/{userId}/settings/virtual_backgrounds       204
PUT    /users/{userId}/status                             204
GET    /users/{userId}/token                              200
DELETE /users/{userId}/token                              204
GET    /groups                                            200
POST   /groups                                            201 409
GET    /groups/{groupId}                                  200 404
PATCH  /groups/{groupId}                                  204
DELETE /groups/{groupId}                                  204
GET    /groups/{groupId}/lock_settings                    200
PATCH  /groups/{groupId}/lock_settings                    204
GET    /groups/{groupId}/members                          200
POST   /groups/{groupId}/members                          201
PATCH  /groups/{groupId}/members/{memberId}               204
DELETE /groups/{groupId}/members/{memberId}               204
GET    /groups/{groupId}/settings                         200
PATCH  /groups/{groupId}/settings                         204
POST   /groups/{groupId}/settings/virtual_backgrounds     201
DELETE /groups/{groupId}/settings/virtual_backgrounds     204
GET    /roles                                             200
POST   /roles                                             201
GET    /roles/{roleId}                                    200 400
PATCH  /roles/{roleId}                                    204
DELETE /roles/{roleId}                                    204
GET    /roles/{roleId}/members                            200
POST   /roles/{roleId}/members                            201
DELETE /roles/{roleId}/members/{memberId}                 204
GET    /accounts/{accountId}/lock_settings                200
PATCH  /accounts/{accountId}/lock_settings                204
GET    /accounts/{accountId}/managed_domains              200
PUT    /accounts/{accountId}/owner                        204
GET    /accounts/{accountId}/settings                     200 404
PATCH  /accounts/{accountId}/settings                     204
POST   /accounts/{accountId}/settings/virtual_backgrounds 201
DELETE /accounts/{accountId}/settings/virtual_backgrounds 204
GET    /accounts/{accountId}/trusted_domains              200
GET    /meetings/{meetingId}                               200 404
PATCH  /meetings/{meetingId}                               204
DELETE /meetings/{meetingId}                               204
GET    /meetings/{meetingId}/invitation                    200
GET    /meetings/{meetingId}/livestream                    200
PATCH  /meetings/{meetingId}/livestream                    204
GET    /meetings/{meetingId}/polls                         200
POST   /meetings/{meetingId}/polls                         201
GET    /meetings/{meetingId}/polls/{pollId}                200
PUT    /meetings/{meetingId}/polls/{pollId}                204
DELETE /meetings/{meetingId}/polls/{pollId}                204
GET    /meetings/{meetingId}/recordings                    200
GET    /meetings/{meetingId}/recordings/settings           200
GET    /meetings/{meetingId}/registrants                   200
POST   /meetings/{meetingId}/registrants                   201
GET    /meetings/{meetingId}/registrants/questions         200
PATCH  /meetings/{meetingId}/registrants/questions         204
PUT    /meetings/{meetingId}/registrants/status            204
DELETE /meetings/{meetingId}/registrants/{registrantId}    204
GET    /past_meetings/{meetingId}                          200
GET    /past_meetings/{meetingId}/instances                200
GET    /past_meetings/{meetingId}/participants             200
GET    /past_meetings/{meetingId}/polls                    200
GET    /report/activities                                  200
GET    /report/cloud_recording                             200
GET    /report/daily                                       200
GET    /report/meetings/{meetingId}                        200
GET    /report/meetings/{meetingId}/participants           200
GET    /report/meetings/{meetingId}/polls                  200
GET    /report/operationlogs                               200
GET    /report/telephone                                   200
GET    /report/users                                       200
GET    /report/users/{userId}/meetings                     200
GET    /tracking_fields                                    200
POST   /tracking_fields                                    201
GET    /tracking_fields/{fieldId}                          200
PATCH  /tracking_fields/{fieldId}                          204
DELETE /tracking_fields/{fieldId}                          204
GET    /tsp                                                200
PATCH  /tsp                                                204
GET    /users/{userId}/meeting_templates                   200
GET    /users/{userId}/meetings                            200
POST   /users/{userId}/meetings                            201
GET    /users/{userId}/pac                                 200
GET    /users/{userId}/recordings                          200
GET    /users/{userId}/tsp                                 200
POST   /users/{userId}/tsp                                 201
GET    /users/{userId}/tsp/{tspId}                         200 400
PATCH  /users/{userId}/tsp/{tspId}                         204
DELETE /users/{userId}/tsp/{tspId}                         204
GET    /users/{userId}/webinars                            200
POST   /users/{userId}/webinars                            201
GET    /webinars/{webinarId}                               200 404
PATCH  /webinars/{webinarId}                               204
DELETE /webinars/{webinarId}                               204
GET    /webinars/{webinarId}/panelists                     200
POST   /webinars/{webinarId}/panelists                     201
DELETE /webinars/{webinarId}/panelists                     204
GET    /webinars/{webinarId}/polls                         200
POST   /webinars/{webinarId}/polls                         201
GET    /webinars/{webinarId}/polls/{pollId}                200
DELETE /webinars/{webinarId}/polls/{pollId}                204
GET    /webinars/{webinarId}/registrants                   200
POST   /webinars/{webinarId}/registrants                   201
GET    /h323/devices                                                                      200
POST   /h323/devices                                                                      201
PATCH  /h323/devices/{deviceId}                                                           204 404
DELETE /h323/devices/{deviceId}                                                           200
POST   /phone/auto_receptionists                                                          201
PATCH  /phone/auto_receptionists/{autoReceptionistId}                                     204
POST   /phone/auto_receptionists/{autoReceptionistId}/phone_numbers                       204
DELETE /phone/auto_receptionists/{autoReceptionistId}/phone_numbers                       204
DELETE /phone/auto_receptionists/{autoReceptionistId}/phone_numbers/{phoneNumberId}       204
GET    /phone/blocked_list                                                                200
POST   /phone/blocked_list                                                                201
GET    /phone/blocked_list/{blockedListId}                                                200
PATCH  /phone/blocked_list/{blockedListId}                                                204
DELETE /phone/blocked_list/{blockedListId}                                                204
POST   /phone/byoc_numbers                                                                201
GET    /phone/call_logs                                                                   200
GET    /phone/call_queues                                                                 200
POST   /phone/call_queues                                                                 201
GET    /phone/call_queues/{callQueueId}                                                   200 404
PATCH  /phone/call_queues/{callQueueId}                                                   204
DELETE /phone/call_queues/{callQueueId}                                                   204
POST   /phone/call_queues/{callQueueId}/members                                           201
DELETE /phone/call_queues/{callQueueId}/members                                           204
DELETE /phone/call_queues/{callQueueId}/members/{memberId}                                204
POST   /phone/call_queues/{callQueueId}/phone_numbers                                     204
DELETE /phone/call_queues/{callQueueId}/phone_numbers                                     204
DELETE /phone/call_queues/{callQueueId}/phone_numbers/{phoneNumberId}                     204
GET    /phone/call_queues/{callQueueId}/recordings                                        200
GET    /phone/calling_plans                                                               200
GET    /phone/common_areas                                                                200
POST   /phone/common_areas                                                                201
GET    /phone/common_areas/{commonAreaId}                                                 200
PATCH  /phone/common_areas/{commonAreaId}                                                 204
DELETE /phone/common_areas/{commonAreaId}                                                 204
GET    /phone/devices                                                                     200
POST   /phone/devices                                                                     201
GET    /phone/devices/{deviceId}                                                          200 400
PATCH  /phone/devices/{deviceId}                                                          204
DELETE /phone/devices/{deviceId}                                                          204
GET    /phone/metrics/call_logs                                                           200
GET    /phone/metrics/call_logs/{callId}/qos                                              200
GET    /phone/metrics/call_logs/{call_id}                                                 200
GET    /phone/numbers                                                                     200
GET    /phone/numbers/{numberId}                                                          200 404
PATCH  /phone/numbers/{numberId}                                                          204
GET    /phone/recordings                                                                  200
GET    /phone/reports/operationlogs                                                       200
GET    /phone/setting_templates                                                           200
POST   /phone/setting_templates                                                           201
GET    /phone/setting_templates/{templateId}                                              200
PATCH  /phone/setting_templates/{templateId}                                              204
GET    /phone/shared_line_groups                                                          200
POST   /phone/shared_line_groups                                                          201
GET    /phone/shared_line_groups/{sharedLineGroupId}                                      200
PATCH  /phone/shared_line_groups/{sharedLineGroupId}                                      204
DELETE /phone/shared_line_groups/{sharedLineGroupId}                                      204
POST   /phone/shared_line_groups/{sharedLineGroupId}/members                              201
DELETE /phone/shared_line_groups/{sharedLineGroupId}/members                              204
DELETE /phone/shared_line_groups/{sharedLineGroupId}/members/{memberId}                   204
POST   /phone/shared_line_groups/{sharedLineGroupId}/phone_numbers                        201
DELETE /phone/shared_line_groups/{sharedLineGroupId}/phone_numbers/{phoneNumberId}        204
GET    /phone/sip_trunk/trunks                                                            200
GET    /phone/sites                                                                       200
POST   /phone/sites                                                                       201
GET    /phone/sites/{siteId}                                                              200
PATCH  /phone/sites/{siteId}                                                              204
DELETE /phone/sites/{siteId}                                                              204
GET    /phone/users                                                                       200
GET    /phone/users/{userId}                                                              200
PATCH  /phone/users/{userId}                                                              204
GET    /phone/users/{userId}/call_logs                                                    200
DELETE /phone/users/{userId}/call_logs/{callLogId}                                        204
POST   /phone/users/{userId}/calling_plans                                                200
DELETE /phone/users/{userId}/calling_plans/{type}                                         204
POST   /phone/users/{userId}/phone_numbers                                                200
DELETE /phone/users/{userId}/phone_numbers/{phoneNumberId}                                204
GET    /phone/users/{userId}/recordings                                                   200
GET    /phone/users/{userId}/settings                                                     200
POST   /phone/users/{userId}/settings/{settingType}                                       201
PATCH  /phone/users/{userId}/settings/{settingType}                                       204
DELETE /phone/users/{userId}/settings/{settingType}                                       204
GET    /phone/users/{userId}/voice_mails                                                  200
DELETE /phone/voice_mails/{voicemailId}                                                   204
GET    /contacts                                                                          200
GET    /chat/users/me/contacts                                                            404
GET    /chat/users/me/contacts/{contactId}                                                404
POST   /im/users/me/chat/messages                                                         404
GET    /im/groups                                                                         200
POST   /im/groups                                                                         201
GET    /im/groups/{groupId}                                                               200 404
PATCH  /im/groups/{groupId}                                                               204
DELETE /im/groups/{groupId}                                                               204
GET    /im/groups/{groupId}/members                                                       200
POST   /im/groups/{groupId}/members                                                       201
DELETE /im/groups/{groupId}/members/{memberId}                                            204
POST   /im/chat/messages                                                                  201
PUT    /im/chat/messages/{message_id}                                                     200
DELETE /im/chat/messages/{message_id}                                                     200 404
GET    /sip_phones/phones                                                                 200
POST   /sip_phones/phones                                                                 201 400
PATCH  /sip_phones/phones/{phoneId}                                                       204
DELETE /sip_phones/phones/{phoneId}                                                       204
GET    /chat/channels/{channelId}                                                         200 404
PATCH  /chat/channels/{channelId}                                                         204
DELETE /chat/channels/{channelId}                                                         204
POST   /chat/channels/{channelId}/members/me                                              400
DELETE /chat/channels/{channelId}/members/me                                              400
DELETE /chat/channels/{channelId}/members/{identifier}                                    204 400
GET    /chat/users/{userId}/channels                                                      200
POST   /chat/users/{userId}/channels                                                      201
GET    /chat/users/{userId}/channels/{channelId}                                          200 404
PATCH  /chat/users/{userId}/channels/{channelId}                                          204
DELETE /chat/users/{userId}/channels/{channelId}                                          204 400
GET    /chat/users/{userId}/channels/{channelId}/members                                  200
POST   /chat/users/{userId}/channels/{channelId}/members                                  201
DELETE /chat/users/{userId}/channels/{channelId}/members/{identifier}                     204
GET    /chat/users/{userId}/messages                                                      200
POST   /chat/users/{userId}/messages                                                      201
PUT    /chat/users/{userId}/messages/{messageId}                                          204
DELETE /chat/users/{userId}/messages/{messageId}                                          204 400
`

// How long installing and testing may take.
const (
	installLimit = 3 * time.Minute
	testLimit    = time.Minute
)

func TestSDK(t *testing.T) {
	t.Parallel()
	install(t)
	zoom, err := sandbox.New(sandbox.Options{Program: programtest.Of(t)})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(zoom)
	t.Cleanup(web.Close)

	// Node would find them itself. Looked up here, they are known to the cache
	// of test results, and a changed one is run anew.
	scripts, err := filepath.Glob("*.test.mjs")
	if err != nil {
		t.Fatal(err)
	}
	// One after the other, for they share the account.
	node := command(t, testLimit, "node", append([]string{"--test", "--test-concurrency=1", "--test-reporter=spec"}, scripts...)...)
	node.Env = append(os.Environ(), "ZOOM_URL="+web.URL, "no_proxy=*")
	if out, err := node.CombinedOutput(); err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}

	var want []string
	for line := range strings.Lines(strings.TrimSpace(operations)) {
		want = append(want, strings.Join(strings.Fields(line), " "))
	}
	got := answered(zoom.Log(0), want)
	for _, line := range without(want, got) {
		t.Errorf("missing:    %s", line)
	}
	for _, line := range without(got, want) {
		t.Errorf("unexpected: %s", line)
	}
}

// install brings in the SDK that the lock file names, unless it is there. Where
// that cannot be, a machine of the CI fails; anyone else is told that the test
// is left out.
func install(t *testing.T) {
	t.Helper()
	unable := t.Skipf
	if os.Getenv("CI") == "true" {
		unable = t.Fatalf
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			unable("the SDK cannot be run: %v", err)
		}
	}
	lock, err := os.Stat("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	installed, err := os.Stat("node_modules/.package-lock.json") // npm writes it last
	if err == nil && installed.ModTime().After(lock.ModTime()) {
		return
	}
	if out, err := command(t, installLimit, "npm", "ci").CombinedOutput(); err != nil {
		unable("the SDK cannot be installed: npm ci: %v\n%s", err, out)
	}
}

// command is a program that may run for as long as limit says.
func command(t *testing.T, limit time.Duration, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second // for children that outlive it
	return cmd
}

// answered turns a log into lines as the table has them, one an operation, with
// the paths of the first line that fits.
func answered(log []sandbox.Entry, table []string) []string {
	statuses := map[string][]string{}
	for _, e := range log {
		operation := e.Method + " " + e.Path
		for _, line := range table {
			words := strings.Fields(line)
			fits, err := path.Match(variable.ReplaceAllString(words[1], "*"), e.Path)
			if err == nil && fits && words[0] == e.Method {
				operation = words[0] + " " + words[1]
				break
			}
		}
		statuses[operation] = append(statuses[operation], strconv.Itoa(e.Status))
	}
	var lines []string
	for operation, all := range statuses {
		slices.Sort(all)
		lines = append(lines, operation+" "+strings.Join(slices.Compact(all), " "))
	}
	slices.Sort(lines)
	return lines
}

var variable = regexp.MustCompile(`\{\w+\}`)

// without returns the lines that are not among others.
func without(lines, others []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return slices.Contains(others, line) })
}
