export { isAlive, openIsolated } from './isolation/open-isolated.fixture.ts';
