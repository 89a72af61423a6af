export { candidatesFor } from './candidates.ts'
export { suggestionReasons, suggestMapping, type Candidate, type Suggestion, type SuggestionReason } from './suggest.ts'
