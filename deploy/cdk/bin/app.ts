import { App } from 'aws-cdk-lib/core';
import { FleetStack } from '../lib/fleet-stack';
import { readSettings, SettingsError } from '../lib/settings';

const app = new App();
const file = app.node.tryGetContext('fleet') as string | undefined;
const name = (app.node.tryGetContext('stack') as string | undefined) ?? 'akka-pipeline-fleet';
try {
  if (file === undefined) {
    throw new SettingsError('which fleet? Name its settings: npx cdk synth -c fleet=FILE.json (fleet.example.json is one to start from).');
  }
  new FleetStack(app, name, readSettings(file));
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 2;
}
