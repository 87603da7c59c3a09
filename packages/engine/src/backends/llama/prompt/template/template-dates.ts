const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The current date, in this machine's time zone, under the names that published templates use. llama.cpp provides the
 * same. Without it Llama 3's template says 26 July 2024, and FireFunction's has no date.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/common/chat.cpp, `common_chat_extra_context`
 */
export function templateDates(now: Date): { datetime: string; date_string: string } {
  const day = String(now.getDate()).padStart(2, '0');
  const month = months[now.getMonth()];
  const year = now.getFullYear();
  return { datetime: `${month} ${day} ${year}`, date_string: `${day} ${month} ${year}` };
}
