package world

// ranges are the values of fields that Zoom documents a range for and that their
// types do not bound: some of those allowed, as JSON, by Zoom's name of the
// field or the last names of its path.
var ranges = map[string][]string{
	"action_when_archive_failed":    {`1`, `2`},
	"admit_type":                    {`1`, `2`, `3`, `4`},
	"allow_delete_message.time":     {`0`, `5`, `30`, `1440`},
	"allow_edit_message.time":       {`0`, `5`, `30`, `1440`},
	"archive.type":                  {`1`, `2`, `3`},
	"consecutive_characters_length": {`0`, `4`, `5`, `6`, `7`, `8`},
	"data_center_regions":           {`"AU"`, `"CA"`, `"DE"`, `"US"`},
	"file_size_restrictions":        {`50`, `100`, `300`, `500`},
	"file_size_restrictions_for_external": {
		`50`, `100`, `300`, `500`,
	},
	"file_type_restrictions":              {`".pdf"`, `".png"`, `".txt"`},
	"file_type_restrictions_for_external": {`".pdf"`, `".png"`, `".txt"`},
	"giphy_content_rating":                {`1`, `2`, `3`, `4`},
	"jbh_time":                            {`0`, `5`, `10`, `15`},
	"language_config.code":                {`"en"`},
	"language_config.name":                {`"English"`},
	"minimum_password_length":             {`8`, `10`, `14`},
	"selected_option":                     {`1`, `2`},
	"share_option":                        {`"anyone"`, `"account"`, `"organization"`},
	"sort_order_of_people":                {`0`, `1`},
	"speak_language.code":                 {`"en"`, `"de"`, `"ja"`},
	"speak_language.name":                 {`"English"`, `"German"`, `"Japanese"`},
	"trigger_action":                      {`1`, `2`},
	"unchecked_data_center_regions":       {`"AU"`, `"CA"`, `"DE"`, `"EU"`},
	"view_option":                         {`"anyone"`, `"account"`, `"organization"`},
	"who_can_admit_participants":          {`0`, `1`},
	"zoom_events_capacity":                {`500`, `1000`, `3000`},
	"zoom_events_unlimited_capacities":    {`100`, `500`, `1000`},
	"zoom_sessions_unlimited_capacities":  {`100`, `500`, `1000`},
}
