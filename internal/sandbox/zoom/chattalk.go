package zoom

import (
	"strconv"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file makes up what was said in chats before the start.

// What people say in made-up chats.
var phrases = []string{
	"Good morning! Is the drawing of the mill done?", "The cards are punched, all 24 of them.", "Could you look at the table of Bernoulli numbers?",
	"Seen. The carry mechanism is stuck again.", "Lunch at one?", "I moved the review to Thursday.", "The report is in the folder.",
	"Thanks, that helped.", "Who has the key of the workshop?", "Numbers for this week: better than last week.",
}

// talk makes up what was said on a day, counted from that of the start.
func (z *Zoom) talk(w *world.World, ch *chat, key string, people []chatMember, day int) {
	begin := z.day().AddDate(0, 0, day)
	length := 24 * time.Hour
	if day == 0 {
		length = z.options.Now.Sub(begin)
	}
	const many = 6
	for i := range many {
		h := z.source.At("message", key, strconv.Itoa(day), strconv.Itoa(i))
		by := people[int(h%uint64(len(people)))]
		at := begin.Add(length * time.Duration(i+1) / (many + 1)).Truncate(time.Millisecond)
		n := i - day*many // which of the ways to say something it is
		values := map[string]any{"message": phrases[n%len(phrases)], "message_type": "plain_text_message"}
		switch n % 4 {
		case 0:
			other := people[int((h>>8)%uint64(len(people)))]
			values["reactions"] = []any{map[string]any{"emoji": "U+1F600", "total_count": 1, "senders": []any{map[string]any{"user_id": other.user, "member_id": other.member}}}}
		case 1:
			z.attach(values, []string{chatID("file", h)}, "drawing.png")
			values["message_type"] = "png_image_file"
		case 2:
			if before := len(ch.messages) - 1; before >= 0 {
				main := ch.messages[before]
				values["reply_main_message_id"], values["reply_main_message_timestamp"] = main.ID, sentOf(main).at.UnixMilli()
			}
			other := people[int((h>>16)%uint64(len(people)))]
			name := z.nameIn(w, other)
			values["message"] = "@" + name + " " + phrases[n%len(phrases)]
			values["at_items"] = []any{map[string]any{"at_contact": other.user, "at_contact_member_id": other.member, "at_type": 1, "start_position": 0, "end_position": len(name)}}
			values["rich_text"] = []any{map[string]any{"start_position": len(name) + 2, "end_position": len(name) + 6, "format_type": "Bold", "format_attr": ""}}
		case 3:
			values["interactive_cards"] = []any{map[string]any{"card_id": chatID("card", h), "card_json": `{"content":{"head":{"text":"Lunch"}}}`}}
			values["bot_message"] = map[string]any{"content": map[string]any{"head": map[string]any{"text": "Lunch"}}}
		}
		z.say(w, ch, chatID("message", h), by, at, values)
	}
}
