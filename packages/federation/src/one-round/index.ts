// The door `@sumus/federation/one-round`: learning by one sum of sufficient statistics. Participants.
export { type FeatureMap, type FeatureTools, featureMap } from './features.ts';
export { classesOf, type LinearClassifier, ridgeOf } from './ridge.ts';
export { matricesOf, type Statistics, type StatisticsShape, statisticsLength, statisticsOf } from './statistics.ts';
