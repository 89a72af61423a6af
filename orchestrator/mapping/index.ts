export { candidatesFor } from './candidates.ts'
export { exposuresOf, exposuresYaml } from './exposures.ts'
export { suggestionReasons, suggestMapping, type Candidate, type Suggestion, type SuggestionReason } from './suggest.ts'
