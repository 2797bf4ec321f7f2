// Define, create and verify in one function, the way of the AWS documentation: a code that is kept in
// privateChallengeParameters. It is printed here where a text would be sent.
import { randomInt } from 'node:crypto';

export const handler = async (event) => {
  const { request, response } = event;
  const [trigger] = event.triggerSource.split('_');
  if (trigger === 'DefineAuthChallenge') {
    const last = request.session.at(-1);
    const wrong = request.session.filter((round) => !round.challengeResult).length;
    response.issueTokens = !request.userNotFound && last?.challengeResult === true;
    response.failAuthentication = !response.issueTokens && wrong >= 3;
    if (!response.issueTokens && !response.failAuthentication) response.challengeName = 'CUSTOM_CHALLENGE';
  } else if (trigger === 'CreateAuthChallenge') {
    // A code that was wrong once is asked for again: without this, every wrong answer would send another text.
    const known = request.session.at(-1)?.challengeMetadata;
    const code = known?.replace('CODE-', '') ?? String(randomInt(1_000_000)).padStart(6, '0');
    if (!known) console.log(`code for ${request.userAttributes?.phone_number ?? 'nobody'}: ${code}`);
    response.publicChallengeParameters = { delivery: 'SMS' };
    response.privateChallengeParameters = { answer: code };
    response.challengeMetadata = `CODE-${code}`;
  } else if (trigger === 'VerifyAuthChallengeResponse') {
    response.answerCorrect = request.challengeAnswer === request.privateChallengeParameters.answer;
  }
  return event;
};
