export { automatedProject, decideAutomation, type AutomatedProject } from './decide.ts'
export { evaluate, type Evaluated } from './evaluate.ts'
export { affectedBy } from './reach.ts'
