import { lowerCaseEmail } from './email.ts'
import { e164 } from './phone.ts'
import { hashedRule, type Normalise, type PlatformRules } from './platform.ts'

const withoutSpaces: Normalise = (value) => lowerCaseEmail(value.replace(/\s+/g, ''))

/** https://ads.tiktok.com/help/article/list-of-supported-ids-and-formats-for-a-customer-file */
export const tiktok: PlatformRules = {
  email: hashedRule(withoutSpaces),
  phone: hashedRule(e164),
}
