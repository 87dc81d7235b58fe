// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/http1_reader.h"

#include <utility>

namespace weir::exchanges {

Http1Reader::Http1Reader(Kind kind)
    : m_type(kind == Kind::Requests ? HTTP_REQUEST : HTTP_RESPONSE), m_settings(settings())
{
    start();
}

llhttp_settings_t Http1Reader::settings()
{
    llhttp_settings_t made;
    llhttp_settings_init(&made);
    made.on_url = [](llhttp_t *parser, const char *at, std::size_t size) {
        self(parser).m_target.append(at, qsizetype(size));
        return 0;
    };
    made.on_header_field = [](llhttp_t *parser, const char *at, std::size_t size) {
        if (self(parser).m_isInValue)
            self(parser).endField();
        self(parser).m_name.append(at, qsizetype(size));
        return 0;
    };
    made.on_header_value = [](llhttp_t *parser, const char *at, std::size_t size) {
        self(parser).m_isInValue = true;
        self(parser).m_value.append(at, qsizetype(size));
        return 0;
    };
    made.on_header_value_complete = [](llhttp_t *parser) {
        self(parser).m_isInValue = true; // an empty one, too
        return 0;
    };
    made.on_headers_complete = [](llhttp_t *parser) {
        constexpr int SkipBody = 1;
        Http1Reader &reader = self(parser);
        reader.endField();
        reader.m_isHeadRead = true;
        reader.m_message.start =
            parser->type == HTTP_REQUEST
                ? QByteArray(llhttp_method_name(llhttp_method_t(parser->method))) + ' ' + reader.m_target
                : QByteArray::number(parser->status_code);
        return reader.m_toHead ? SkipBody : 0;
    };
    made.on_body = [](llhttp_t *parser, const char *at, std::size_t size) {
        self(parser).m_message.body.append(at, qsizetype(size));
        return 0;
    };
    made.on_message_complete = [](llhttp_t *parser) {
        self(parser).endField();
        self(parser).m_message.isWhole = true;
        return int(HPE_PAUSED);
    };
    return made;
}

/// The field before is complete: of the head, or of the trailers.
void Http1Reader::endField()
{
    if (!std::exchange(m_isInValue, false))
        return;
    (m_isHeadRead ? m_message.trailers : m_message.fields)
        .emplace_back(std::exchange(m_name, {}), std::exchange(m_value, {}));
}

void Http1Reader::start(bool toHead)
{
    llhttp_init(&m_parser, m_type, &m_settings);
    m_parser.data = this;
    m_message = {};
    m_target.clear();
    m_toHead = toHead;
    m_isHeadRead = false;
    read();
}

void Http1Reader::feed(const QByteArray &bytes)
{
    m_rest += bytes;
    read();
}

void Http1Reader::read()
{
    if (m_rest.isEmpty() || m_message.isWhole || !m_fault.isEmpty())
        return;
    const QByteArray bytes = std::exchange(m_rest, {});
    const llhttp_errno_t result = llhttp_execute(&m_parser, bytes.constData(), std::size_t(bytes.size()));
    if (result == HPE_PAUSED)
        m_rest = bytes.mid(llhttp_get_error_pos(&m_parser) - bytes.constData());
    else if (result != HPE_OK)
        m_fault = "this is no HTTP/1.1: " + QByteArray(llhttp_get_error_reason(&m_parser));
}

void Http1Reader::finish()
{
    if (m_message.isWhole)
        return;
    if (m_fault.isEmpty() && m_message.hasHead())
        llhttp_finish(&m_parser); // completes a body that only the end delimits
    m_message.isCut = !m_message.isWhole;
}

} // namespace weir::exchanges
