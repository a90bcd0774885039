package config_test

import (
	"strings"
	"testing"

	"zoomgraph/internal/config"
)

// Where one of Zoom's addresses is given the other follows, and both are completed where there is one way to do so.
func TestAddressesThatFit(t *testing.T) {
	t.Parallel()
	const api, oauth = "https://api.zoom.us/v2", "https://zoom.us/oauth"
	for _, tt := range []struct{ api, oauth, wantAPI, wantOAuth string }{
		{"", "", api, oauth},
		{api, oauth, api, oauth},
		{"https://api.zoomgov.com/v2", "", "https://api.zoomgov.com/v2", "https://zoomgov.com/oauth"},
		{"", "https://zoomgov.com/oauth", "https://api.zoomgov.com/v2", "https://zoomgov.com/oauth"},
		{"https://api-eu.zoom.us/v2", "", "https://api-eu.zoom.us/v2", oauth},
		{"https://API-us.zoomgov.com", "", "https://api-us.zoomgov.com/v2", "https://zoomgov.com/oauth"},
		{"https://api.zoom.us", "", api, oauth},
		{"https://api.zoom.us/", "", api, oauth},
		{"https://api.zoom.us/v2///", "", api, oauth},
		{"HTTPS://API.ZOOM.US:443/v2/", "", api, oauth},
		{"", "https://zoom.us/oauth/token", api, oauth},
		{"", "https://zoom.us/oauth/token/", api, oauth},
		{"", "https://zoom.us/oauth/authorize", api, oauth},
		{"", "https://zoom.us", api, oauth},
		{"", "https://zoom.us/", api, oauth},
		{"", "https://acme.zoom.us/oauth", api, "https://acme.zoom.us/oauth"},
		{"http://127.0.0.1:9090/v2", "", "http://127.0.0.1:9090/v2", "http://127.0.0.1:9090/oauth"},
		{"http://localhost:9090", "", "http://localhost:9090/v2", "http://localhost:9090/oauth"},
		{"http://[::1]:9090/zoom/v2/", "", "http://[::1]:9090/zoom/v2", "http://[::1]:9090/zoom/oauth"},
		{"", "http://127.0.0.1:9090/oauth/token", "http://127.0.0.1:9090/v2", "http://127.0.0.1:9090/oauth"},
		{"https://gate.example/zoom/v2", "https://gate.example/tokens", "https://gate.example/zoom/v2", "https://gate.example/tokens"},
		{"https://gate.example/v2", oauth, "https://gate.example/v2", oauth},
		{"http://sandbox:8099", "http://sandbox:8099", "http://sandbox:8099/v2", "http://sandbox:8099/oauth"},
	} {
		cmd, err := parse(t, "", addresses(tt.api, tt.oauth))
		if err != nil {
			t.Errorf("%s, %s: %v", tt.api, tt.oauth, err)
			continue
		}
		if s := cmd.(*config.Serve); s.APIURL != tt.wantAPI || s.OAuthURL != tt.wantOAuth {
			t.Errorf("%s, %s: %s and %s, want %s and %s", tt.api, tt.oauth, s.APIURL, s.OAuthURL, tt.wantAPI, tt.wantOAuth)
		}
	}
}

func TestAddressesThatDoNotFit(t *testing.T) {
	t.Parallel()
	const api, oauth = "ZOOM_API_URL: ", "ZOOM_OAUTH_URL: "
	for _, tt := range []struct{ api, oauth, at, hint string }{
		{"https://api.zoomgov.com/v2", "https://zoom.us/oauth", "ZOOM_API_URL and ZOOM_OAUTH_URL", "leave one of the two out"},
		{"https://api.zoom.us/v2", "https://zoomgov.com/oauth", "ZOOM_API_URL and ZOOM_OAUTH_URL", "leave one of the two out"},
		{"https://api.zoom.us/v1", "", api, "https://api.zoom.us/v2"},
		{"https://api.zoom.us/v2/users", "", api, "https://api.zoom.us/v2"},
		{"https://zoom.us/v2", "", api, "https://api.zoom.us/v2"},
		{"https://www.zoomgov.com/v2", "", api, "https://api.zoomgov.com/v2"},
		{"http://api.zoom.us/v2", "", api, "write https://"},
		{"", "http://zoom.us/oauth", oauth, "write https://"},
		{"api.zoom.us/v2", "", api, "https://api.zoom.us/v2"},
		{"", "zoom.us/oauth", oauth, "https://zoom.us/oauth"},
		{"", "https://api.zoom.us/oauth", oauth, "https://zoom.us/oauth"},
		{"", "https://api.zoomgov.com/v2", oauth, "https://zoomgov.com/oauth"},
		{"", "https://zoom.us/oauth2", oauth, "https://zoom.us/oauth"},
		{"https://api.zoom.us/v2?a=b", "", api, "no user, query"},
		{"https://api.zoom.us/v2?", "", api, "no user, query"},
		{"https://api.zoom.us/v2#", "", api, "no user, query"},
		{"https://u:canary@api.zoom.us/v2", "", api, "no user"},
		{"", "https://u:canary@zoom.us/oauth", oauth, "no user"},
		{"ftp://api.zoom.us/v2", "", api, "https://api.zoom.us/v2"},
		{"https://api.zoom.us/../v2", "", api, "not plain"},
		{"https://api.zoom.us//v2", "", api, "not plain"},
		{"https://gate.example/v%32", "https://zoom.us/oauth", api, "not plain"},
		{"https://gate.example/v2", "", api, "--zoom-oauth-url"},
		{"", "https://gate.example/oauth", oauth, "--zoom-api-url"},
		{"https://gate.example/zoom", "https://zoom.us/oauth", api, "/v2"},
		{"http://127.0.0.1:9090/zoom", "", api, "/v2"},
		{"http://127.0.0.1:9090/v2", "http://127.0.0.1:9090/v2", oauth, "/oauth"},
	} {
		_, err := parse(t, "", addresses(tt.api, tt.oauth))
		switch {
		case err == nil:
			t.Errorf("%s, %s: taken", tt.api, tt.oauth)
		case !strings.HasPrefix(err.Error(), tt.at) || !strings.Contains(err.Error(), tt.hint) || strings.Contains(err.Error(), "canary"):
			t.Errorf("%s, %s: %v; want %s and %s", tt.api, tt.oauth, err, tt.at, tt.hint)
		}
	}
}

func addresses(api, oauth string) map[string]string {
	return map[string]string{
		"ZOOM_ACCOUNT_ID": "a", "ZOOM_CLIENT_ID": "b", "ZOOM_CLIENT_SECRET": "c", "ZOOM_API_URL": api, "ZOOM_OAUTH_URL": oauth,
	}
}
