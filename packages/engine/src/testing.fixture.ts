export { describeBackend, type ContractSubject } from './backend/backend-contract.suite.ts';
export { isAlive, openIsolated } from './isolation/open-isolated.fixture.ts';
