package command

import (
	"fmt"
	"strings"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/config"
)

// newCaller makes a key and prints it, once, with the lines of the file that let its bearer in. The service never needs
// the key itself.
func (c Call) newCaller(cfg *config.CallerNew) error {
	key := callers.NewKey()
	account := ""
	if cfg.Account != "" {
		account = ", account: " + cfg.Account
	}
	_, err := fmt.Fprintf(c.Stdout, `# The key of %[1]s. It is shown only now; send it as  Authorization: Bearer KEY
#
#   %[2]s
#
# In the file of --config, below other callers if there are some:
callers:
  - {name: %[1]s, key_sha256: "%[3]s"%[4]s, allow: [%[5]s]}
`, cfg.Name, key, callers.DigestOf(key), account, strings.Join(cfg.Allow, ", "))
	return err
}
