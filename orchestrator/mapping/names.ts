/** Names that mean the same, each group's first the usual one. Written as `nameOf` leaves them. */
const groups: readonly (readonly string[])[] = [
  ['email', 'mail', 'emailaddress', 'mailaddress', 'useremail', 'contactemail', 'em'],
  ['phone', 'phonenumber', 'telephone', 'tel', 'mobile', 'mobilephone', 'cell', 'cellphone', 'msisdn', 'ph'],
  ['firstname', 'givenname', 'forename', 'fname', 'fn'],
  ['lastname', 'familyname', 'surname', 'lname', 'ln'],
  ['name', 'fullname', 'displayname'],
  ['id', 'externalid', 'userid', 'customerid', 'distinctid', 'uid', 'identifier'],
  ['city', 'town', 'ct'],
  ['region', 'state', 'province', 'st'],
  ['postalcode', 'zip', 'zipcode', 'postcode', 'zp'],
  ['country', 'countrycode', 'regioncode'],
  ['birthdate', 'dateofbirth', 'dob', 'birthday', 'db'],
  ['gender', 'sex', 'ge'],
  ['lifetimevalue', 'ltv', 'customerlifetimevalue', 'clv', 'totalspent'],
  ['createdat', 'created', 'signupdate', 'signedupat', 'createddate'],
  ['updatedat', 'updated', 'modifiedat', 'lastmodified'],
  ['company', 'companyname', 'organization', 'organisation', 'accountname'],
  ['language', 'locale', 'lang'],
  ['timezone', 'tz'],
]

const byName: ReadonlyMap<string, string> = new Map(
  groups.flatMap((names) => names.map((name) => [name, names[0] ?? name])),
)

/** Lower case, letters and digits alone: `e-mail`, `E_Mail` and `eMail` are one name. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

/** The words of a name, whichever way they are joined: `lifetimeValue` and `lifetime_value`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

/** What the name usually means; null if it is in no group. */
export function meaningOf(name: string): string | null {
  return byName.get(plainName(name)) ?? null
}
