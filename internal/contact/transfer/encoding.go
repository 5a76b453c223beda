package transfer

import (
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Encoding names how a file's bytes stand for characters.
type Encoding string

// The encodings of import files. UTF-8 is read leniently: bytes that are not UTF-8 are taken
// for Windows-1252, one by one. So a file that begins in plain ASCII and has its first
// accented letter a gigabyte later is read right either way, in one pass, and a file glued
// together from both is as well. The price is that a file of Windows-1252 with nothing but
// ASCII in its first quarter megabyte reads pairs such as "Ã©" as "é"; nobody is called so.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"
)

// Encodings lists what an import file may be encoded in.
var Encodings = []Encoding{UTF8, UTF16LE, UTF16BE, Windows1252}

var byteOrderMark = []byte("\ufeff")

// detectEncoding judges by a file's beginning: a byte order mark, else where the zero bytes
// are, else whether what is not ASCII is UTF-8 more often than not.
func detectEncoding(head []byte) Encoding {
	switch {
	case bytes.HasPrefix(head, byteOrderMark):
		return UTF8
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return UTF16LE
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return UTF16BE
	}
	if e := detectUTF16(head); e != "" {
		return e
	}
	if good, bad := countUTF8(head); bad > good {
		return Windows1252
	}
	return UTF8
}

// detectUTF16 knows UTF-16 without a mark by its zero bytes, which belong to the separators
// and addresses and so are all in high halves, but for a character like U+4E00 here and there.
func detectUTF16(head []byte) Encoding {
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch few := len(head) / 10; {
	case zeros[1] > few && zeros[1] > 4*zeros[0]:
		return UTF16LE
	case zeros[0] > few && zeros[0] > 4*zeros[1]:
		return UTF16BE
	}
	return ""
}

// countUTF8 counts the characters beyond ASCII that are UTF-8, and the bytes that are not.
// A character cut off by the end counts for neither.
func countUTF8(b []byte) (good, bad int) {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case size > 1:
			good++
		case r == utf8.RuneError && utf8.FullRune(b):
			bad++
		}
		b = b[size:]
	}
	return good, bad
}

// signatures are the first bytes of files that people pick by mistake and that may have no
// zero byte near the beginning.
var signatures = []string{"%PDF-", "PK\x03\x04", "\x89PNG", "GIF8", "\xff\xd8\xff", "\x1f\x8b", "\xd0\xcf\x11\xe0", "{\\rtf"}

// isText says whether the beginning of a file, with its UTF-16 decoded, is text: no zero
// byte, hardly any control character, and not the signature of something else.
func isText(head []byte) bool {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s)) {
			return false
		}
	}
	odd := 4 * bytes.Count(head, []byte("\ufffd"))
	for _, c := range head {
		switch {
		case c == 0:
			return false
		case c < ' ' && (c < '\t' || c > '\r'), c == 0x7f:
			odd++
		}
	}
	return odd*20 <= len(head)
}

// plainReader gives a stream in which ASCII is ASCII, as the splitter needs it: UTF-16 is
// turned into UTF-8, anything else stays as it is.
func plainReader(r io.Reader, e Encoding) io.Reader {
	switch e {
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Reader(r)
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Reader(r)
	}
	return r
}

// appendText appends a cell as UTF-8.
func appendText(dst, cell []byte, e Encoding) []byte {
	if e != Windows1252 && utf8.Valid(cell) {
		return append(dst, cell...)
	}
	for len(cell) > 0 {
		r, size := utf8.DecodeRune(cell)
		if e == Windows1252 || r == utf8.RuneError && size == 1 {
			r, size = charmap.Windows1252.DecodeByte(cell[0]), 1
		}
		dst = utf8.AppendRune(dst, r)
		cell = cell[size:]
	}
	return dst
}

// isUTF8 says whether text is UTF-8 as it stands.
func isUTF8(text []byte, e Encoding) bool {
	if e != Windows1252 {
		return utf8.Valid(text)
	}
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
