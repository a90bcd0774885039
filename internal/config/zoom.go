package config

import (
	"crypto/x509"
	"fmt"
)

// Where Zoom is unless told otherwise.
const (
	zoomAPIURL   = "https://api.zoom.us/v2"
	zoomOAuthURL = "https://zoom.us/oauth"
)

// maxInFlight is the largest MaxInFlight: each call in flight takes a connection.
const maxInFlight = 10_000

// maxSecretFile bounds a file that holds one secret, in bytes.
const maxSecretFile = 64 << 10

// Zoom is what the commands that call Zoom share: where it is, with whose
// rights and limits it is called, and what is logged of that. Without
// credentials (see Sandboxed) it is the embedded one.
type Zoom struct {
	APIURL            string      `name:"zoom-api-url" environ:"ZOOM_API_URL" group:"zoom" default:"https://api.zoom.us/v2" help:"Base of Zoom's API; where only one of the two addresses is given, the other one follows from it."`
	OAuthURL          string      `name:"zoom-oauth-url" environ:"ZOOM_OAUTH_URL" group:"zoom" default:"https://zoom.us/oauth" help:"Base of Zoom's OAuth service; tokens come from its /token, and people sign in at its /authorize."`
	AccountID         string      `name:"zoom-account-id" environ:"ZOOM_ACCOUNT_ID" group:"zoom" placeholder:"ID" unset:"none: the embedded Zoom" help:"Zoom account."`
	ClientID          string      `name:"zoom-client-id" environ:"ZOOM_CLIENT_ID" group:"zoom" placeholder:"ID" unset:"none: the embedded Zoom" help:"Client id of the app."`
	ClientSecret      Secret      `name:"zoom-client-secret" environ:"ZOOM_CLIENT_SECRET" group:"zoom" placeholder:"SECRET" unset:"none: the embedded Zoom" help:"Client secret of the app; other processes can see a flag, so prefer the variable or the file."`
	ClientSecretFile  string      `name:"zoom-client-secret-file" environ:"ZOOM_CLIENT_SECRET_FILE" group:"zoom" placeholder:"FILE" help:"File that holds the client secret."`
	ChatbotID         string      `name:"zoom-chatbot-client-id" environ:"ZOOM_CHATBOT_CLIENT_ID" group:"zoom" placeholder:"ID" unset:"none: nobody sends chatbot messages" help:"Client id of the app whose chatbot sends messages; without it nobody can send any."`
	ChatbotSecret     Secret      `name:"zoom-chatbot-client-secret" environ:"ZOOM_CHATBOT_CLIENT_SECRET" group:"zoom" placeholder:"SECRET" help:"Client secret of that app; other processes can see a flag, so prefer the variable or the file."`
	ChatbotSecretFile string      `name:"zoom-chatbot-client-secret-file" environ:"ZOOM_CHATBOT_CLIENT_SECRET_FILE" group:"zoom" placeholder:"FILE" help:"File that holds that client secret."`
	Plan              Plan        `name:"zoom-plan" environ:"ZOOM_PLAN" group:"zoom" placeholder:"PLAN" unset:"pro" help:"Plan of the account, which decides how many calls a second Zoom allows: free, pro (unless told otherwise) or business."`
	Rate              Rates       `name:"zoom-rate" environ:"ZOOM_RATE" group:"zoom" placeholder:"LABEL=N" unset:"the plan's" help:"Calls a second by rate label in place of the plan's, such as medium=60,phone_light=20; off for no pacing."`
	Share             float64     `name:"zoom-share" environ:"ZOOM_SHARE" group:"zoom" default:"0.8" help:"Part of the account's limits that this service may use, above 0 and at most 1."`
	MaxInFlight       int         `name:"zoom-max-in-flight" environ:"ZOOM_MAX_IN_FLIGHT" group:"zoom" default:"512" help:"Zoom calls that this process has in flight at most, of all accounts together."`
	GroupModel        GroupModel  `name:"zoom-group-model" environ:"ZOOM_GROUP_MODEL" group:"zoom" placeholder:"MODEL" unset:"undeclared" help:"How the groups of people with several of them decide about settings: legacy (the primary group, and locks of any) or ranked. Zoom does not tell; undeclared, some of what holds is uncertain."`
	GroupRanks        GroupRanks  `name:"zoom-group-ranks" environ:"ZOOM_GROUP_RANKS" group:"zoom" placeholder:"GROUP,…" unset:"none" help:"Groups by rank, the highest first, by ids or names, each with the sections that it manages where that is not all: Support=in_meeting+recording,Sales."`
	Paths             Paths       `name:"zoom-paths" environ:"ZOOM_PATHS" group:"zoom" default:"2026" help:"Where operations are that Zoom has moved: where they are since 2026, or where they were in 2021."`
	FieldFilter       FieldFilter `environ:"ZOOMGRAPH_FIELD_FILTER" group:"zoom" default:"auto" help:"Ask Zoom for the selected settings only: auto (as long as the account's answers honour it), on, or off."`

	RedisURL     Secret `environ:"ZOOMGRAPH_REDIS_URL" group:"redis" placeholder:"URL" unset:"none: the process is alone" help:"Redis 7 or Valkey, as redis://, rediss:// (TLS) or unix://; several hosts of a cluster with commas between them; Sentinels with ?master=NAME behind them. A password in a flag can be seen by other processes, so prefer the variable or the file."`
	RedisURLFile string `environ:"ZOOMGRAPH_REDIS_URL_FILE" group:"redis" placeholder:"FILE" help:"File that holds the URL."`
	RedisCAFile  string `name:"redis-ca-file" environ:"ZOOMGRAPH_REDIS_CA_FILE" group:"redis" placeholder:"FILE" unset:"the system's" help:"Certificates (PEM) of the authority that signs the Redis' certificate, in place of those that the system trusts."`

	Config    string    `environ:"ZOOMGRAPH_CONFIG" group:"general" placeholder:"FILE" help:"YAML file whose keys are the names of these options."`
	LogLevel  LogLevel  `environ:"ZOOMGRAPH_LOG_LEVEL" group:"general" default:"info" help:"Least level that is logged: debug, info, warn or error."`
	LogFormat LogFormat `environ:"ZOOMGRAPH_LOG_FORMAT" group:"general" default:"text" help:"text or json."`

	accounts []AccountEntry // of the file
	redisCAs *x509.CertPool // of RedisCAFile; nil: the system's
}

// Sandboxed reports whether there are no credentials, so that the embedded
// Zoom answers.
func (z *Zoom) Sandboxed() bool { return z.AccountID == "" && len(z.accounts) == 0 }

// Paced reports whether the calls of the only account keep to the limits of a
// plan, Pro unless told otherwise.
func (z *Zoom) Paced() bool { return z.paced(z.Plan, z.Rate) }

func (z *Zoom) check(src *sources) error {
	for name, value := range map[string]*string{
		"zoom-account-id": &z.AccountID, "zoom-client-id": &z.ClientID, "zoom-chatbot-client-id": &z.ChatbotID, "zoom-api-url": &z.APIURL, "zoom-oauth-url": &z.OAuthURL,
	} {
		if err := plainly(src.name(name), value); err != nil {
			return err
		}
	}
	for _, secret := range []struct {
		name  string
		value *Secret
		file  string
	}{
		{"zoom-client-secret", &z.ClientSecret, z.ClientSecretFile},
		{"zoom-chatbot-client-secret", &z.ChatbotSecret, z.ChatbotSecretFile},
		{"redis-url", &z.RedisURL, z.RedisURLFile},
	} {
		if err := readSecret(src, secret.name, secret.value, secret.file); err != nil {
			return err
		}
	}
	if err := z.checkRedis(src); err != nil {
		return err
	}
	if err := checkShare(z.Share); err != nil {
		return fmt.Errorf("%s: %w", src.name("zoom-share"), err)
	}
	if z.MaxInFlight < 1 || z.MaxInFlight > maxInFlight {
		return fmt.Errorf("%s: %d is no number of calls; give 1 to %d", src.name("zoom-max-in-flight"), z.MaxInFlight, maxInFlight)
	}
	if err := checkGroups(z.GroupModel, z.GroupRanks); err != nil {
		return fmt.Errorf("%s: %w", src.name("zoom-group-ranks"), err)
	}
	if err := z.fitAddresses(src); err != nil {
		return err
	}
	if err := z.readAccounts(src); err != nil || len(z.accounts) > 0 {
		return err
	}
	return z.checkCredentials(src)
}

func (z *Zoom) checkCredentials(src *sources) error {
	var missing []string
	for _, c := range []struct{ value, name string }{
		{z.AccountID, "ZOOM_ACCOUNT_ID"},
		{z.ClientID, "ZOOM_CLIENT_ID"},
		{string(z.ClientSecret), "ZOOM_CLIENT_SECRET"},
	} {
		if c.value == "" {
			missing = append(missing, c.name)
		}
	}
	switch {
	case len(missing) == 0:
		return z.checkChatbot(src)
	case len(missing) < 3:
		return fmt.Errorf("the Zoom credentials are not complete: %s missing; give all three, or none to run on the sandbox", join(missing))
	case z.ChatbotID != "" || z.ChatbotSecret != "":
		return fmt.Errorf("a chatbot sends its messages in an account, and there are no credentials of one: give %s as well, or leave %s out to run on the sandbox, which has a chatbot", join(missing), src.name(chatbotOption(z.ChatbotID)))
	case src.given["zoom-api-url"] && z.APIURL != zoomAPIURL:
		return fmt.Errorf("%s points to %s, but there are no credentials to use there: give %s, or leave the address out to run on the sandbox", src.name("zoom-api-url"), z.APIURL, join(missing))
	case src.given["zoom-oauth-url"] && z.OAuthURL != zoomOAuthURL:
		return fmt.Errorf("%s points to %s, but there are no credentials to use there: give %s, or leave the address out to run on the sandbox", src.name("zoom-oauth-url"), z.OAuthURL, join(missing))
	}
	return nil
}

// checkChatbot refuses half of the credentials of the chatbot's app.
func (z *Zoom) checkChatbot(src *sources) error {
	switch {
	case z.ChatbotID != "" && z.ChatbotSecret == "":
		return fmt.Errorf("%s: a client id alone sends no messages; give --zoom-chatbot-client-secret-file, or the variable ZOOM_CHATBOT_CLIENT_SECRET", src.name("zoom-chatbot-client-id"))
	case z.ChatbotID == "" && z.ChatbotSecret != "":
		return fmt.Errorf("%s: without --zoom-chatbot-client-id nobody knows which app's secret that is; give that as well, or leave this out", src.name("zoom-chatbot-client-secret"))
	}
	return nil
}

// chatbotOption is the option of the chatbot's credentials that was given.
func chatbotOption(id string) string {
	if id != "" {
		return "zoom-chatbot-client-id"
	}
	return "zoom-chatbot-client-secret"
}

// readSecret fills a secret from the file that is given in its place, if one is.
func readSecret(src *sources, name string, value *Secret, file string) error {
	if file == "" {
		return plainly(src.name(name), value)
	}
	at := src.name(name + "-file")
	if *value != "" {
		return fmt.Errorf("%s and %s are both given; keep one", src.name(name), at)
	}
	var err error
	if *value, err = secretIn(file); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	src.from[name] = at
	return nil
}

// secretIn is the secret that a file holds.
func secretIn(file string) (Secret, error) {
	content, err := readBounded(file, maxSecretFile)
	if err != nil {
		return "", err
	}
	text, err := decoded(content)
	if err != nil {
		return "", fmt.Errorf("%s %w", file, err)
	}
	secret := Secret(text)
	switch err := plainly(file, &secret); {
	case err != nil:
		return "", err
	case secret == "":
		return "", fmt.Errorf("%s is empty", file)
	}
	return secret, nil
}
