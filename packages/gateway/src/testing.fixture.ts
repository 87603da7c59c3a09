export { openScriptedGateway } from './apis/openai/scripted-gateway.fixture.ts';
