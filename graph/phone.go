package graph

import (
	"context"

	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
)

// This file finds what users of Zoom Phone lead to where one of several values, or one of two keys, says what it is.

// Site answers PhoneUser.site. A list has the site as an object; the read of one user has its id only.
func (r phoneUserResolver) Site(ctx context.Context, parent *model.PhoneUser) (*model.PhoneSite, error) {
	site := parent.RawListed("site")
	if site.Wait == nil {
		return r.phoneUserOps.Site(ctx, parent)
	}
	raw, err := await(ctx, load.From(ctx), site)
	if err != nil || raw != nil {
		return r.phoneUserOps.Site(ctx, parent)
	}
	return linked(ctx, r.Server, parent.RawDetailed("site_id"), &opGetASite, model.NewPhoneSite)
}

// isCommonArea tells a common area from a user, which is what has the id where Zoom does not say.
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
