package graph

import (
	"context"

	"zoomgraph/graph/exec"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/price"
)

// This file finds what users of Zoom Phone lead to where one of several values, or one of two keys, says what it is.

func (r *resolvers) PhoneUser() exec.PhoneUserResolver {
	return phoneUserResolver{phoneUserOps{r.Server}}
}

func (r *resolvers) PhoneUserAssistant() exec.PhoneUserAssistantResolver {
	return phoneUserAssistantResolver{r.Server}
}

func (r *resolvers) PhoneUserVoicemailShare() exec.PhoneUserVoicemailShareResolver {
	return phoneUserVoicemailShareResolver{r.Server}
}

type (
	phoneUserResolver               struct{ phoneUserOps }
	phoneUserAssistantResolver      struct{ *Server }
	phoneUserVoicemailShareResolver struct{ *Server }
)

// Site answers PhoneUser.site. A list has the site as an object; the read of one user has its id only.
func (r phoneUserResolver) Site(ctx context.Context, parent *model.PhoneUser) (*model.PhoneSite, error) {
	site := parent.RawListed("site")
	if site.Wait != nil { // no list brought it
		raw, err := await(ctx, load.From(ctx), site)
		if err != nil {
			return nil, err
		}
		if raw == nil {
			return linked(ctx, r.Server, parent.RawDetailed("site_id"), &opGetASite, model.NewPhoneSite)
		}
	}
	return part(ctx, r.Server, site, pageOf{node: &opGetASite, brings: []string{"id", "name"}}, model.NewPhoneSite)
}

// pricePhoneSite prices PhoneUser.site.
func pricePhoneSite(f *price.Field) { f.Within("siteId") }

// isCommonArea tells whether an id is that of a common area. Where Zoom does not say, it is a user's.
func isCommonArea(kind string) bool { return kind == "commonArea" }

func isNoCommonArea(kind string) bool { return !isCommonArea(kind) }

// User answers PhoneUserAssistant.user.
func (r phoneUserAssistantResolver) User(ctx context.Context, parent *model.PhoneUserAssistant) (*model.PhoneUser, error) {
	return linkedAs(ctx, r.Server, isNoCommonArea, parent.RawListed("extension_type"), parent.RawListed("id"), &opPhoneUser, model.NewPhoneUser)
}

// CommonArea answers PhoneUserAssistant.commonArea.
func (r phoneUserAssistantResolver) CommonArea(ctx context.Context, parent *model.PhoneUserAssistant) (*model.CommonAreaPhone, error) {
	return linkedAs(ctx, r.Server, isCommonArea, parent.RawListed("extension_type"), parent.RawListed("id"), &opGetACommonAreaPhone, model.NewCommonAreaPhone)
}

// User answers PhoneUserVoicemailShare.user.
func (r phoneUserVoicemailShareResolver) User(ctx context.Context, parent *model.PhoneUserVoicemailShare) (*model.PhoneUser, error) {
	return linkedAs(ctx, r.Server, isNoCommonArea, parent.RawListed("access_user_type"), parent.RawListed("access_user_id"), &opPhoneUser, model.NewPhoneUser)
}

// CommonArea answers PhoneUserVoicemailShare.commonArea.
func (r phoneUserVoicemailShareResolver) CommonArea(ctx context.Context, parent *model.PhoneUserVoicemailShare) (*model.CommonAreaPhone, error) {
	return linkedAs(ctx, r.Server, isCommonArea, parent.RawListed("access_user_type"), parent.RawListed("access_user_id"), &opGetACommonAreaPhone, model.NewCommonAreaPhone)
}
