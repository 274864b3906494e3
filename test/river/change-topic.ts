import kafkajs from "kafkajs";
import { prefixed, type KafkaConnection } from "../../shared/kafka/connect.js";
import { asking } from "../../shared/kafka/topic-limits.js";

const { ConfigResourceTypes, ConfigSource } = kafkajs;

/** Sets one entry of a topic's configuration. The cluster resets what a change does not list, so that all is listed. */
export async function changeTopic(
  connection: KafkaConnection,
  topic: string,
  change: { readonly name: string; readonly value: string },
): Promise<void> {
  await asking(connection, async (admin) => {
    const resource = { type: ConfigResourceTypes.TOPIC, name: prefixed(connection, topic) };
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    const kept = (resources[0]?.configEntries ?? [])
      .filter(
        ({ configSource, configName }) =>
          configSource === ConfigSource.TOPIC_CONFIG && configName !== change.name,
      )
      .map(({ configName, configValue }) => ({ name: configName, value: configValue }));
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ ...resource, configEntries: [...kept, change] }],
    });
  });
}
