package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"zoomgraph/client"
)

// zoom stands in for Zoom: two users, of whom Ann has settings.
func zoom() *httptest.Server {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("POST /oauth/token", answer(200, `{"access_token":"t","token_type":"bearer","expires_in":3600}`))
	mux.Handle("GET /v2/users", answer(200, `{"users":[{"id":"ann"},{"id":"bob"}],"total_records":2}`))
	mux.Handle("GET /v2/users/ann/settings", answer(200, `{"schedule_meeting":{"host_video":true}}`))
	mux.Handle("GET /v2/users/eve/settings", answer(404, `{"code":1001,"message":"User does not exist: eve."}`))
	mux.HandleFunc("POST /v2/users/ann/picture", func(w http.ResponseWriter, r *http.Request) {
		_, file, err := r.FormFile("pic_file")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Println("Zoom got", file.Filename, file.Header.Get("Content-Type"))
		answer(201, `{}`)(w, r)
	})
	return httptest.NewServer(mux)
}

var userSettings = &client.Op{ID: "userSettings", Method: "GET", Path: "/users/{userId}/settings", Label: client.Medium}

func Example() {
	server := zoom()
	defer server.Close()

	c, err := client.New(client.Config{
		APIURL: server.URL + "/v2", OAuthURL: server.URL + "/oauth",
		AccountID: "account", ClientID: "id", ClientSecret: "secret",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := c.Do(context.Background(), client.Request{
		Op:    userSettings,
		Path:  []string{"ann"},
		Query: url.Values{"custom_query_fields": {"host_video"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Status, string(res.Body))
	// Output: 200 {"schedule_meeting":{"host_video":true}}
}

func ExampleClient_Pages() {
	server := zoom()
	defer server.Close()

	c, err := client.New(client.Config{APIURL: server.URL + "/v2", Tokens: client.StaticToken("users-own")})
	if err != nil {
		fmt.Println(err)
		return
	}
	users := client.Request{Op: &client.Op{Method: "GET", Path: "/users"}, Query: url.Values{"page_size": {"300"}}}
	for page, err := range c.Pages(context.Background(), users, "users") {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, user := range page.Items {
			fmt.Println(string(user))
		}
	}
	// Output:
	// {"id":"ann"}
	// {"id":"bob"}
}

func ExampleFile() {
	server := zoom()
	defer server.Close()

	c, err := client.New(client.Config{APIURL: server.URL + "/v2", Tokens: client.StaticToken("users-own")})
	if err != nil {
		fmt.Println(err)
		return
	}
	picture := strings.NewReader("GIF89a…")
	res, err := c.Do(context.Background(), client.Request{
		Op:   &client.Op{ID: "userPicture", Method: "POST", Path: "/users/{userId}/picture"},
		Path: []string{"ann"},
		Body: &client.File{Field: "pic_file", Name: "ann.gif", Content: picture, Size: picture.Size()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Status)
	// Output:
	// Zoom got ann.gif image/gif
	// 201
}

func ExampleError() {
	server := zoom()
	defer server.Close()

	c, err := client.New(client.Config{APIURL: server.URL + "/v2", Tokens: client.StaticToken("users-own")})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Do(context.Background(), client.Request{Op: userSettings, Path: []string{"eve"}})
	var failed *client.Error
	if errors.As(err, &failed) && errors.Is(err, client.ErrNotFound) {
		fmt.Println(failed.Code, failed.ZoomCode, failed.Message)
	}
	// Output: NOT_FOUND 1001 the user does not exist
}
