export { openIsolated } from './isolation/open-isolated.fixture.ts';
