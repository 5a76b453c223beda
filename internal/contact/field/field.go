// Package field says what the fields of a contact are called, how long they may be and how
// a text is cleaned before it is kept: the same for a cell of a file, an input of a page and
// one of the API. It is pure and safe for concurrent use.
package field

import "beckon/internal/address"

// Field is one thing that a column of a file can mean. The pages, the help of the command
// line and the API's documentation show these tables, so that they cannot differ from what
// the import does.
type Field struct {
	// Name is the field's name in the API, and the header that always means it.
	Name string
	// Label is the name that people read.
	Label string
	// Required says that no row may leave it blank.
	Required bool
	// Max is the greatest length in characters; of labels, of one label's name.
	Max int
	// Lines says that the text may have several lines.
	Lines bool
	// Check says what is wrong with a text that is not blank, "" for nothing; nil takes all.
	Check func(text string) string
	// Synonyms are the headers of other systems, as these write them. They are matched
	// without regard to case, accents, spaces, hyphens and underscores; a 1 in the synonyms
	// of email, phone and website stands for any number.
	Synonyms []string
}

// Contact is the fields of a contact that can be written, in the order in which
// faults are reported. Nobody may change the table.
//
// An address is taken from the business columns or from the first group alone: mixing the
// street of one address with the city of another would be worse than leaving one out.
var Contact = []Field{
	{Name: "email", Label: "E-mail address", Required: true, Max: address.MaxLength, Synonyms: []string{
		"email_address", "Other emails", "E-mail 1 - Value", "E-mail 1 Address", "E-mail 1", "Mail", "Mail address", "Work email", "Business email",
		"Email address 1", "Primary email", "Secondary email", "Other email", "Personal email", "Person - Email", "Person - Email - Work",
		"E-Mail-Adresse", "Adresse e-mail", "Adresse de messagerie", "Courriel", "Correo electrónico",
		"Dirección de correo electrónico", "E-mailadres", "Indirizzo e-mail", "Adres e-mail"}},
	{Name: "first_name", Label: "First name", Required: true, Max: 200, Synonyms: []string{
		"First", "Given name", "Forename", "Person - First name", "Contact first name",
		"Vorname", "Prénom", "Nombre", "Voornaam", "Nome", "Imię"}},
	{Name: "last_name", Label: "Last name", Required: true, Max: 200, Synonyms: []string{
		"Last", "Family name", "Surname", "Person - Last name", "Contact last name",
		"Nachname", "Familienname", "Nom", "Nom de famille", "Apellidos", "Apellido", "Achternaam", "Cognome", "Nazwisko"}},
	{Name: "title", Label: "Job title", Max: 300, Synonyms: []string{
		"Job title", "Position", "Organization title", "Organization 1 - Title", "Role", "Person - Job title",
		"Berufsbezeichnung", "Funktion", "Fonction", "Poste", "Puesto", "Cargo", "Functie", "Stanowisko"}},
	{Name: "company_name", Label: "Company", Max: 300, Synonyms: []string{
		"employer_name", "Company", "Employer", "Organization", "Organisation", "Organization name", "Organisation name",
		"Organization 1 - Name", "Account name", "Account.Name", "Associated company", "Person - Organization",
		"Firma", "Unternehmen", "Société", "Entreprise", "Empresa", "Organización", "Bedrijf", "Azienda"}},
	{Name: "phone", Label: "Phone", Max: 300, Synonyms: []string{
		"Phone number", "Phone 1 - Value", "Phone 1", "Telephone", "Telephone number", "Business phone", "Business phone 1", "Work phone",
		"Primary phone", "Company main phone", "Mobile", "Mobile phone", "Mobile phone number", "Mobile number", "Cell phone",
		"Person - Phone", "Person - Phone - Work", "Telefon", "Telefonnummer", "Telefon geschäftlich", "Mobiltelefon",
		"Téléphone (bureau)", "Teléfono", "Telefoon"}},
	{Name: "website", Label: "Website", Max: 300, Synonyms: []string{
		"Website URL", "Web page", "Website 1 - Value", "Business home page", "Company website",
		"Webseite", "Site web", "Página web", "Sitio web"}},
	{Name: "street", Label: "Street", Max: 300, Synonyms: []string{
		"Street address", "Business street", "Mailing street", "Address 1 - Street", "Address", "Address line 1",
		"Straße", "Straße geschäftlich", "Rue", "Rue (bureau)", "Calle", "Straat"}},
	{Name: "city", Label: "City", Max: 300, Synonyms: []string{
		"Business city", "Mailing city", "Address 1 - City", "Town", "Locality",
		"Stadt", "Ort", "Ort geschäftlich", "Ville", "Ville (bureau)", "Ciudad", "Plaats"}},
	{Name: "state", Label: "State", Max: 300, Synonyms: []string{
		"State/Region", "State/Province", "Business state", "Mailing state", "Mailing State/Province", "Address 1 - Region",
		"Province", "Region", "Bundesland", "Provincia"}},
	{Name: "postal_code", Label: "Postal code", Max: 300, Synonyms: []string{
		"Zip", "Zip code", "Zip/Postal code", "Postcode", "Business postal code", "Mailing Zip/Postal Code", "Mailing zip",
		"Mailing postal code", "Address 1 - Postal Code", "PLZ", "Postleitzahl", "Postleitzahl geschäftlich", "Code postal",
		"Code postal (bureau)", "Código postal"}},
	{Name: "country", Label: "Country", Max: 300, Synonyms: []string{
		"Country/Region", "Business Country/Region", "Business country", "Mailing country", "Address 1 - Country",
		"Land", "Land/Region", "Land/Region geschäftlich", "Pays", "Pays/Région", "Pays/Région (bureau)", "País"}},
	{Name: "labels", Label: "Labels", Max: 100, Synonyms: []string{
		"Label", "Tags", "Tag", "Categories", "Group membership", "Kategorien", "Categorías"}},
	{Name: "archive", Label: "Archive", Max: 5, Synonyms: []string{"Archived"}},
	{Name: "external_id", Label: "External ID", Max: 300, Synonyms: []string{
		"External identifier", "Contact ID", "Record ID", "Record ID - Contact"}},
	{Name: "notes", Label: "Notes", Max: 10_000, Lines: true, Synonyms: []string{
		"description", "Note", "Comments", "Comment", "Notizen", "Bemerkungen", "Remarques", "Notas"}},
}
