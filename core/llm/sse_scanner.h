// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/condensed_json.h"
#include <cstddef>
#include <string>
#include <string_view>

namespace weir::llm {

/// Finds the events of a text/event-stream (WHATWG HTML §9.2.6) in passing chunks. Copies only what straddles
/// two chunks, and data that is so large that it is condensed.
class SseScanner
{
public:
    class Events
    {
    public:
        /// `event` is "" if unnamed; `data` holds the data lines joined with LF, or, if they are large, what
        /// CondensedJson leaves of them. `size`: their bytes as they came. Borrowed until the call returns.
        virtual void onEvent(std::string_view event, std::string_view data, std::size_t size) = 0;

    protected:
        ~Events() = default;
    };

    /// `events` is borrowed for the scanner's life. An event whose data exceeds `condensedFrom` bytes, of
    /// which there are no more than `eventMax`, is condensed; one that exceeds `eventMax` even so is skipped.
    SseScanner(Events &events, std::size_t eventMax, std::size_t condensedFrom = CondensedJson::CondensedFrom)
        : m_events(events), m_eventMax(eventMax), m_condensedFrom(condensedFrom), m_data(condensedFrom)
    {
    }

    void feed(std::string_view bytes);
    /// Takes the end of the stream for the end of the event that is being read, which the standard would
    /// drop: some servers spare the last blank line. Whether its data is whole is for the caller to find out.
    void finish();
    /// True once an event was too long, so that something may have been in it that nobody has seen.
    bool hasSkipped() const { return m_hasSkipped; }

private:
    void holdPart(std::string_view part);
    void endLine(std::string_view part);
    void takeLine(std::string_view line);
    void takeData(std::string_view value);
    void beginData();
    void appendData(std::string_view bytes);
    void dispatch();
    void skipEvent();
    void keepAcrossChunks();

    Events &m_events;
    const std::size_t m_eventMax;
    const std::size_t m_condensedFrom;
    std::string m_line;          // beginning of a line whose end has not come
    std::string m_event;         // name of the event being read
    CondensedJson m_data;        // its data, when it could not be used in place
    std::string_view m_dataHere; // its data as a view of the chunk, when it could
    bool m_hasData = false;
    bool m_isDataOpen = false; // the current line is data, and so long that its beginning is in m_data
    bool m_tooLong = false;    // this event is skipped
    bool m_hasSkipped = false;
    bool m_lineHasBytes = false; // the current line, whether kept or skipped
    bool m_afterCr = false;
    bool m_atStart = true;
};

} // namespace weir::llm
