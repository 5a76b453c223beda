package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// read sniffs and reads a whole file in memory.
func read(t testing.TB, file []byte, want Format) (Format, []Row) {
	t.Helper()
	f, err := Sniff(bytes.NewReader(file), ContactFields, want)
	if err != nil {
		t.Fatalf("Sniff: %v", err)
	}
	r, err := NewReader(bytes.NewReader(file), ContactFields, f)
	if err != nil {
		t.Fatalf("NewReader: %v", err)
	}
	var rows []Row
	for {
		row, err := r.Next()
		if err == io.EOF {
			return f, rows
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		rows = append(rows, row)
	}
}

// line puts a row in one line: its number, then either its faults' columns or what it says.
func line(r Row) string {
	if r.Faults != nil {
		var columns []string
		for _, f := range r.Faults {
			columns = append(columns, f.Column)
		}
		return fmt.Sprintf("%d faults %s", r.Number, strings.Join(columns, " "))
	}
	c := r.Contact
	parts := []string{fmt.Sprint(r.Number), c.Email.Key, c.FirstName, c.LastName, c.Title, c.CompanyName, c.Phone, c.Website,
		c.Street, c.City, c.State, c.PostalCode, c.Country, c.ExternalID, c.Notes}
	parts = append(parts, r.Labels...)
	if r.Archive != nil {
		parts = append(parts, fmt.Sprint("archive=", *r.Archive))
	}
	for _, e := range r.OtherEmails {
		parts = append(parts, "also="+e)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "|")
}

func latin(s string) []byte {
	b, err := charmap.Windows1252.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

func utf16(s string, order unicode.Endianness, mark unicode.BOMPolicy) []byte {
	b, err := unicode.UTF16(order, mark).NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

const table = "Email\tFirst name\tLast name\tEmployer\tTitle\r\n" +
	"zoe@one.example\tZoë\tNúñez\tÆrø, A/S\tHead\r\n" +
	"kenta@two.example\t一郎\t森本\t一一一\t\r\n"

var shapes = []struct {
	name      string
	file      []byte
	encoding  Encoding
	separator string
	header    int
	rows      []string
}{
	{"template", []byte("email_address,first_name,last_name,title,description,employer_name,archive,phone,website,street,city,state,postal_code,country,labels,external_id\n" +
		"ada@one.example,Ada,Löwe,Lead,Met at fair,One,,+49301,https://one.example,Weg 1,Ort,,10115,Germany,Career fair 2026;Alumni;alumni,C1\n" +
		"bob@two.example,Bob,Two,,,,TRUE,,,,,,,,,\n" +
		"cyd@two.example,Cyd,Two,,,,false,,,,,,,,,\n" +
		"dan@two.example,Dan,Two,,,,maybe,,,,,,,,,\n"),
		UTF8, ",", 1, []string{
			"2|ada@one.example|Ada|Löwe|Lead|One|+49301|https://one.example|Weg 1|Ort|10115|Germany|C1|Met at fair|Career fair 2026|Alumni",
			"3|bob@two.example|Bob|Two|archive=true",
			"4|cyd@two.example|Cyd|Two|archive=false",
			"5 faults archive"}},
	{"semicolons in Windows-1252", latin("E-mail Address;First Name;Last Name;Company;Job Title;City\r\nzoe@one.example;Zoë;Núñez;Sønner, A/S;Head – “HR”;Köln\r\n"),
		Windows1252, ";", 1, []string{"2|zoe@one.example|Zoë|Núñez|Head – “HR”|Sønner, A/S|Köln"}},
	{"Outlook", []byte("\ufeff\"Title\",\"First Name\",\"Middle Name\",\"Last Name\",\"Suffix\",\"Company\",\"Department\",\"Job Title\",\"Business Street\",\"Business City\",\"Business State\",\"Business Postal Code\",\"Business Country/Region\",\"Business Phone\",\"Mobile Phone\",\"E-mail Address\",\"E-mail Type\",\"E-mail Display Name\",\"E-mail 2 Address\",\"Notes\",\"Web Page\"\r\n" +
		"\"Dr.\",\"Ada\",\"M.\",\"One\",\"\",\"One Inc\",\"\",\"Lead\",\"1 Way\",\"Town\",\"\",\"1\",\"Japan\",\"\",\"+81\",\"ada@one.example\",\"SMTP\",\"Ada One (ada@one.example)\",\"ada@home.example\",\"Met at the fair.\r\nWants \"\"juniors\"\", call back\",\"https://one.example\"\r\n" +
		"\"\",\"Bob\",\"\",\"Two\"\r\n"),
		UTF8, ",", 1, []string{
			"2|ada@one.example|Ada|One|Lead|One Inc|+81|https://one.example|1 Way|Town|1|Japan|Met at the fair.\nWants \"juniors\", call back|also=ada@home.example",
			"3 faults email"}},
	{"Google", []byte("First Name,Middle Name,Last Name,Organization Name,Organization Title,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Street,Address 1 - City,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 2 - City\n" +
		"Ada,,One,One Inc,Lead,,Recruiters ::: * myContacts ::: Fair; 2026,Work,ada@one.example ::: ada@home.example,Ada@One.Example,Mobile,+1,1 Way,Town,ST,1,Poland,Elsewhere\n" +
		"Bob,,Two,,,,* myContacts,Work,,bob@two.example,Mobile,+1,,,,,,\n" +
		"Cyd,,Two,,,,* myContacts,Work,cyd@two.example,n/a,Mobile,+1,,,,,,\n" +
		"Dan,,Two,,,,,Work,,,Mobile,+1,,,,,,\n"),
		UTF8, ",", 1, []string{
			"2|ada@one.example|Ada|One|Lead|One Inc|+1|1 Way|Town|ST|1|Poland|Recruiters|Fair; 2026|also=ada@home.example",
			"3|bob@two.example|Bob|Two|+1",
			"4 faults other_emails",
			"5 faults email"}},
	{"older Google", []byte("Name,Given Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Organization 1 - Name,Organization 1 - Title,Website 1 - Value\nAda One,Ada,One,* myContacts ::: Board,* Work,ada@one.example,One Inc,Lead,https://one.example\n"),
		UTF8, ",", 1, []string{"2|ada@one.example|Ada|One|Lead|One Inc|https://one.example|Board"}},
	{"LinkedIn", []byte("Notes:\n\"When exporting your connection data,\nyou may notice that some addresses are missing.\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\n" +
		"Ada,One,https://social.example/in/0,ada@one.example,\"One, Inc\",Lead,12 Oct 2026\nBob,Two,https://social.example/in/1,,Two,Lead,12 Oct 2026\n"),
		UTF8, ",", 4, []string{"5|ada@one.example|Ada|One|Lead|One, Inc", "6 faults email"}},
	{"Salesforce", latin("\"Contact ID\",\"First Name\",\"Last Name\",\"Account Name\",\"Title\",\"Email\",\"Phone\",\"Mailing Street\",\"Mailing City\",\"Mailing State/Province\",\"Mailing Zip/Postal Code\",\"Mailing Country\"\r\n" +
		"\"0035e01\",\"Zoë\",\"One\",\"One Inc\",\"Lead\",\"zoe@one.example\",\"+1\",\"1 Way\r\nFloor 2\",\"Town\",\"ST\",\"1\",\"Spain\"\r\n"),
		Windows1252, ",", 1, []string{"2|zoe@one.example|Zoë|One|Lead|One Inc|+1|1 Way Floor 2|Town|ST|1|Spain|0035e01"}},
	{"HubSpot", []byte("\"Record ID\",\"First Name\",\"Last Name\",\"Email\",\"Phone Number\",\"Company name\",\"Job Title\",\"Website URL\",\"Street Address\",\"City\",\"State/Region\",\"Postal Code\",\"Country/Region\",\"Contact owner\",\"Create Date\"\n" +
		"\"9000\",\"Ada\",\"One\",\"ada@one.example\",\"+1\",\"One Inc\",\"Lead\",\"https://one.example\",\"1 Way\",\"Town\",\"ST\",\"1\",\"Poland\",\"\",\"2026-10-01 09:30\"\n"),
		UTF8, ",", 1, []string{"2|ada@one.example|Ada|One|Lead|One Inc|+1|https://one.example|1 Way|Town|ST|1|Poland|9000"}},
	{"German Outlook", latin("Anrede;Vorname;Nachname;Firma;Position;Straße geschäftlich;Ort geschäftlich;Postleitzahl geschäftlich;Telefon geschäftlich;E-Mail-Adresse;Notizen\r\nHerr;Jörg;Groß;Eins;Leiter;Weg 1;Köln;50667;+49;joerg@eins.example;„Ja“\r\n"),
		Windows1252, ";", 1, []string{"2|joerg@eins.example|Jörg|Groß|Leiter|Eins|+49|Weg 1|Köln|50667|„Ja“"}},
	{"French", []byte("Prénom;Nom;Société;Fonction;Adresse e-mail\nZoé;Aimé;Un;Chef;zoe@un.example\n"),
		UTF8, ";", 1, []string{"2|zoe@un.example|Zoé|Aimé|Chef|Un"}},
	{"UTF-16 little-endian with a mark", utf16(table, unicode.LittleEndian, unicode.UseBOM), UTF16LE, "\t", 1, tableRows},
	{"UTF-16 big-endian with a mark", utf16(table, unicode.BigEndian, unicode.UseBOM), UTF16BE, "\t", 1, tableRows},
	{"UTF-16 little-endian", utf16(table, unicode.LittleEndian, unicode.IgnoreBOM), UTF16LE, "\t", 1, tableRows},
	{"UTF-16 big-endian", utf16(table, unicode.BigEndian, unicode.IgnoreBOM), UTF16BE, "\t", 1, tableRows},
	{"UTF-8 with tabs", []byte(table), UTF8, "\t", 1, tableRows},
	{"old Mac", []byte(strings.ReplaceAll(table, "\r\n", "\r")), UTF8, "\t", 1, tableRows},
	{"a separator line of spreadsheets", []byte("sep=;\r\nemail;first name;last name\r\nada@one.example;Ada;One, Esq.\r\n"),
		UTF8, ";", 2, []string{"3|ada@one.example|Ada|One, Esq."}},
	{"the longest preamble", []byte(strings.Repeat("Exported, by; somebody\n", 18) + "\n,,\nemail,first name,last name\nada@one.example,Ada,One\n"),
		UTF8, ",", 21, []string{"22|ada@one.example|Ada|One"}},
	{"only headers", []byte("email_address,first_name,last_name"), UTF8, ",", 1, nil},
	{"one column", []byte("email\nada@one.example\n"), UTF8, ",", 1, []string{"2 faults first_name last_name"}},
	{"blank headers", []byte("email,,first_name,last_name,,\nada@one.example,ignored,Ada,One,,\nbob@two.example,,Bob,Two,surplus,\n"),
		UTF8, ",", 1, []string{"2|ada@one.example|Ada|One", "3 faults row"}},
}

var tableRows = []string{"2|zoe@one.example|Zoë|Núñez|Head|Ærø, A/S", "3|kenta@two.example|一郎|森本|一一一"}

func TestShapes(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			f, rows := read(t, s.file, Format{})
			if f.Encoding != s.encoding || f.Separator != s.separator || f.HeaderRow != s.header {
				t.Errorf("format %q %q %d, want %q %q %d", f.Encoding, f.Separator, f.HeaderRow, s.encoding, s.separator, s.header)
			}
			var got []string
			for _, r := range rows {
				got = append(got, line(r))
			}
			if !slices.Equal(got, s.rows) {
				t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(s.rows, "\n"))
			}
		})
	}
}

func TestMessyFile(t *testing.T) {
	file, err := os.ReadFile("testdata/messy.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, rows := read(t, file, Format{})
	want := strings.Split(`2|lou.casper@erdman-llc.example|Lou|Casper|International Markets Architect|Erdman LLC
3|shayne.casper@barrows-fahey-and-halvorson.example|Shayne|Casper
4|scarlett.boyer@rath-llc.example|Scarlett|Boyer
6|alanis.harber-smith2486@kihn-lockman-and-casper.example.com|Alanis|Harber-Smith
7|lou.casper@erdman-llc.example|Again|Person
8 faults email
9 faults email
10 faults email
11 faults email
13 faults email
14 faults email
15 faults email
16 faults email
17 faults first_name
18 faults last_name
20|yasmeen.gutkowski@howe-llc.example|Zoë 🎓|O'Brien-Ñandú|Head, "Talent" & Co|Ærø & Sønner, A/S
21|o'hara+fair@bernier-and-sons.example.com|Pat|O'Hara
22|user@xn--bcher-kva.example|Idn|Domain
23|user@xn--bcher-kva.example|Same|Idn
24|lou.wunsch@satterfield-fay.example.com|Lou|Wunsch
25|jackeline.lesch@koch-veum-and-hintz-harris.example.com|Jackeline|Lesch
26 faults row
27 faults email
28|kiarra.hickle1540@lakin-willms-ward.example.com|=HYPERLINK("http://evil.example")|@SUM(A1)|+1|-1
29|pasquale.lowe@streich-schoen-and-strosin.example|<script>alert(1)</script>|evil
30|robyn.gislason495@bins-boyle.example.com|Line Bcc: x@evil.example|Gislason
31 faults first_name`, "\n")
	var got []string
	for _, r := range rows {
		got = append(got, line(r))
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestRefusals(t *testing.T) {
	picture := []byte("\x89PNG\r\n\x1a\n")
	for i := range 4000 {
		picture = append(picture, byte(i*i>>3))
	}
	for name, c := range map[string]struct {
		file []byte
		want Reason
	}{
		"nothing":           {nil, Empty},
		"a mark alone":      {[]byte("\ufeff"), Empty},
		"blank records":     {[]byte("\r\n,,\n \u00a0,\u200b\n"), Empty},
		"a picture":         {picture, NoText},
		"noise":             {picture[8:], NoText},
		"a PDF":             {[]byte("%PDF-1.7\nemail,first_name\n"), NoText},
		"a zero byte":       {[]byte("email,first_name,last_name\na\x00@one.example,A,One\n"), NoText},
		"no address column": {[]byte("first_name,last_name,employer_name\nAda,Example,Acme\n"), NoAddressColumn},
		"too long a preamble": {[]byte(strings.Repeat("Exported\n", 21) + "email,first name,last name\nada@one.example,Ada,One\n"),
			NoAddressColumn},
		"an address header twice": {[]byte("email_address,first_name,last_name,email_address\nada@one.example,Ada,Example,ada@two.example\n"), SameHeader},
		"an ignored header twice": {[]byte("email,first_name,last_name,x,x \nada@one.example,Ada,Example,,\n"), SameHeader},
	} {
		_, err := Sniff(bytes.NewReader(c.file), ContactFields, Format{})
		var r *Refusal
		if !errors.As(err, &r) || r.Reason != c.want || r.Message == "" {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
