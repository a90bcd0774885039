package world

import (
	"fmt"
	"strings"
)

// NameOf returns the name and e-mail address of a user. The first forty are the
// pairs below; then first and last names mix, and where all pairs are used up
// the address gets a number.
func NameOf(i int) (first, last, email string) {
	const n = len(firsts)
	first, last = firsts[i%n], lasts[(i/n+i)%n]
	email = strings.ToLower(first + "." + last)
	if round := i / (n * n); round > 0 {
		email = fmt.Sprintf("%s%d", email, round+1)
	}
	return first, last, email + "@example.com"
}

// As many of the one as of the other.
var (
	firsts = [...]string{
		"Ada", "Grace", "Alan", "Katherine", "Edsger", "Emmy", "Claude", "Frances", "John", "Hedy",
		"Dennis", "Jean", "Niklaus", "Mary", "Kurt", "Sofia", "Leonhard", "Lise", "Carl", "Rosalind",
		"George", "Dorothy", "Charles", "Florence", "Blaise", "Joan", "Isaac", "Marie", "Johannes", "Caroline",
		"Henri", "Evelyn", "David", "Ida", "Richard", "Kathleen", "Maurice", "Betty", "Robin", "Anita",
	}
	lasts = [len(firsts)]string{
		"Lovelace", "Hopper", "Turing", "Johnson", "Dijkstra", "Noether", "Shannon", "Allen", "Backus", "Lamarr",
		"Ritchie", "Bartik", "Wirth", "Keller", "Goedel", "Kovalevskaya", "Euler", "Meitner", "Gauss", "Franklin",
		"Boole", "Vaughan", "Babbage", "Nightingale", "Pascal", "Clarke", "Newton", "Curie", "Kepler", "Herschel",
		"Poincare", "Berezin", "Hilbert", "Rhodes", "Hamming", "Booth", "Wilkes", "Holberton", "Milner", "Borg",
	}
)
