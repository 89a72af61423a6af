import { birthDay, birthMonth, birthYear, compactDate } from './birth-date.ts'
import { lowerCaseEmail } from './email.ts'
import { e164Digits } from './phone.ts'
import { compactPostalCode, lowerCountry, region } from './place.ts'
import { hashedRule, plainRule, type PlatformRules } from './platform.ts'
import { asItIs, firstInitial, genderInitial, lowerCase, plainLetters, plainWords } from './words.ts'

/**
 * https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters and
 * https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences. Of British postal codes the
 * first asks for area, district and sector, and shows a whole code: whole codes are sent.
 */
export const meta: PlatformRules = {
  email: hashedRule(lowerCaseEmail),
  phone: hashedRule(e164Digits),
  first_name: hashedRule(plainWords),
  last_name: hashedRule(plainWords),
  first_initial: hashedRule(firstInitial),
  gender: hashedRule(genderInitial),
  birth_date: hashedRule(compactDate),
  birth_year: hashedRule(birthYear),
  birth_month: hashedRule(birthMonth),
  birth_day: hashedRule(birthDay),
  city: hashedRule(plainLetters),
  region: hashedRule(region),
  postal_code: hashedRule(compactPostalCode),
  country: hashedRule(lowerCountry),
  external_id: hashedRule(asItIs),
  device_id: plainRule(lowerCase),
}
